/**
 * What the scripts of the page of dead letters promise each other: the model that reads and orders,
 * and the parts that show it. Everything here belongs to that page alone.
 */

type LetterDesk = import('./letter-shapes.js').Desk
type LetterCause = import('./letter-shapes.js').Cause
type LetterLine = import('./letter-shapes.js').Line
type LetterStory = import('./letter-shapes.js').Story
type LetterFilter = import('./letter-paths.js').Filter

interface ResilienceWidgets {
  readonly letterChoice: typeof import('./letter-choice.js')
  readonly letterPaths: typeof import('./letter-paths.js')
  readonly letterPreview: typeof import('./letter-preview.js')
  readonly letterTexts: typeof import('./letter-texts.js')
}

/** The letters of a cause that is unfolded, or all that pass the filter. */
interface LetterList {
  readonly items: readonly LetterLine[]
  readonly total: number
  /** What it was read from: while that is the same, the list is too. */
  readonly of: string
}

/** What a person has unfolded, and how much of it. */
interface LettersWanted {
  readonly node: string
  readonly filter: LetterFilter
  readonly causes: number
  /** How many of each unfolded cause. */
  readonly letters: ReadonlyMap<string, number>
}

/** What belongs together, as it was read in one go. */
interface LettersRead {
  readonly desks: readonly LetterDesk[]
  readonly desk: LetterDesk | undefined
  readonly filter: LetterFilter
  readonly causes: readonly LetterCause[]
  /** There may be more than are shown. */
  readonly causesTotal: number
  readonly lists: ReadonlyMap<string, LetterList>
}

/** What is shown, as last read, and what a person has done with it. Draws after each change. */
interface LettersModel {
  readonly host: SidebarHost
  /** Undefined until something was read. While filtered, one cause stands for all that pass. */
  readonly read: LettersRead | undefined
  /** What is shown was read by this one, and orders go by it. */
  readonly filter: LetterFilter
  /** What is asked for from now on. */
  readonly wantedFilter: LetterFilter
  readonly choice: InstanceType<typeof import('./letter-choice.js')['Choice']>
  /** Causes and letters in which a person is writing: they stay on the page. */
  readonly busy: Set<string>
  /** The redrive that is shown, also when it is over; '' for none. */
  watchedJob: string
  /** The gateway has it no more. */
  isGone(cause: string): boolean
  /** Undefined while it is folded; null while it is read. */
  list(cause: string): LetterList | null | undefined
  /** Undefined while it is folded; null while it is read. */
  story(id: string): LetterStory | null | undefined
  pick(node: string): void
  narrow(filter: Partial<LetterFilter>): void
  fold(cause: string): void
  more(cause: string): void
  moreCauses(): void
  foldLetter(id: string): void
  draw(): void
  /**
   * Carries out what a person ordered and reads everything again. Says what `work` resolves with,
   * and what the gateway refuses; false when it did.
   */
  order(work: () => Promise<string>): Promise<boolean>
}

/** A part of the page that shows the model whenever it is drawn. */
interface LettersPart {
  readonly element: HTMLElement
  draw(): void
}

/** A line of a list, built once and shown again and again. */
interface LettersRow<Item> {
  readonly element: HTMLElement
  draw(item: Item): void
}

interface SidebarParts {
  lettersModel(host: SidebarHost, draw: () => void): LettersModel & LettersReader
  readLetters(host: SidebarHost, wanted: LettersWanted, before: LettersRead): Promise<LettersRead>
  keepWritten(
    read: LettersRead,
    before: LettersRead,
    busy: ReadonlySet<string>,
    isUnfolded: (cause: string) => boolean,
  ): LettersRead
  lettersHead(model: LettersModel, menu: HTMLElement): LettersPart
  lettersFilter(model: LettersModel): LettersPart
  lettersMenu(model: LettersModel, foot: LettersFoot): LettersPart
  lettersFoot(model: LettersModel): LettersFoot
  lettersJob(model: LettersModel): LettersPart
  /** What is ordered of the letters that are ticked, or of all. */
  letterOrders(model: LettersModel): LetterOrders
  causeRow(model: LettersModel, cause: LetterCause): LettersRow<LetterCause>
  /** What a person has noted about a cause, to read and to write. */
  causeNote(model: LettersModel, cause: string): LettersRow<LetterCause>
  /** A button for the next piece of a list; absent when all of it is shown. */
  lettersMore(pressed: () => void): LettersRow<{ readonly shown: number; readonly total: number }>
  letterRow(model: LettersModel, list: string, line: LetterLine): LettersRow<LetterLine>
  letterStory(model: LettersModel, id: string): LettersRow<LetterStory | null>
  /** A form over the message; `close` is called when it is to go. */
  letterEdit(model: LettersModel, story: LetterStory, close: () => void): HTMLElement
  /** Like `each`, with rows that know how to show themselves. */
  listOf<Item>(
    parent: Element,
    keyOf: (item: Item) => string,
    build: (item: Item) => LettersRow<Item>,
  ): (items: readonly Item[]) => void
  /** A box to tick, named for those who do not see what stands beside it. */
  tickBox(name: string, ticked: (isTicked: boolean) => void): HTMLInputElement
  /** Draws; where the focus was on something that is gone, it goes to what stands there now. */
  keepFocus(page: HTMLElement, draw: () => void): void
  /** A message to unfold, part by part; what is folded is not made. */
  messageTree(msg: object, kinds: Readonly<Record<string, string>>): HTMLElement
  /** A button with these words. */
  button(words: string, pressed: () => void): HTMLButtonElement
}

interface LettersFoot extends LettersPart {
  /** Asks in the foot of the page before it does something that touches many letters. */
  confirm(question: string, words: string, confirmed: () => void): void
}

interface LettersReader {
  show(): void
  hide(): void
  changed(): void
}

/** Each resolves when it was carried out or refused, which is said. */
interface LetterOrders {
  redrive(): Promise<boolean>
  cancel(job: string): Promise<boolean>
  /** Answers what `restore` takes; none when nothing was deleted. */
  remove(): Promise<readonly string[]>
  restore(ids: readonly string[]): Promise<boolean>
  /** Those that are ticked. */
  restoreTicked(): Promise<boolean>
  save(): Promise<boolean>
  clear(isGivenUp: boolean): Promise<boolean>
  bring(file: File): Promise<boolean>
}
