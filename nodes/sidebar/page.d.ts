/**
 * What the pages of the sidebar and the frame around them promise each other. Each page is a script
 * of its own in the browser, and meets the frame here only: it sets `Resilience.pages.<its name>`.
 */

type PageName = 'overview' | 'letters' | 'timeline'

/** How a page speaks with the gateway and with the person in front of it. */
interface SidebarHost {
  /** The answer to GET, `path` below `/resilience`. Rejects with a Refusal. */
  get<Answer>(path: string): Promise<Answer>
  /** The same for what changes something. A Blob is sent as it is, by its own type. */
  send<Answer>(method: 'POST' | 'DELETE', path: string, body?: object | Blob): Promise<Answer>
  /**
   * Saves the answer to GET as a file on the computer of the person, or those of its lines that are
   * `kept`. A plain link would not carry the login; so the browser holds all of it in memory until
   * it is saved. Rejects with a Refusal.
   */
  download(path: string, fileName: string, kept?: (line: string) => boolean): Promise<void>
  /** Whether this person may change anything; without it, buttons are absent. */
  readonly mayWrite: boolean
  /** A word of the sidebar's own locale. Numbers are written as its readers write them. */
  word(key: string, values?: Readonly<Record<string, string | number>>): string
  /** Shows a node on the canvas, or says that it is not there. */
  reveal(nodeId: string): void
  /** Beside the name of this page, or of another; 0 shows nothing. */
  badge(count: number, page?: PageName): void
  /**
   * A line at the top for a while, read out too: what was done, or what went wrong. The same line
   * again stays longer and is not read out again.
   */
  say(text: string, isTrouble?: boolean): void
  /** The same with what a Refusal says. */
  sayRefusal(refusal: unknown): void
}

/** Why the gateway said no, in words for a person. */
interface Refusal extends Error {
  /** As the gateway says; `UNREACHABLE` without an answer. */
  readonly code: string
  /** HTTP; 0 without an answer. */
  readonly status: number
}

/** A page that was built: once in the life of the editor. */
interface SidebarView {
  readonly element: HTMLElement
  /** It is looked at from now on. */
  show(): void
  hide(): void
  /**
   * Something has changed on the gateway, or may have: told at most twice a second and at least
   * every 10 seconds, while it is looked at.
   */
  changed(): void
}

type BuildPage = (host: SidebarHost) => SidebarView

type Child = Node | string | undefined

/** What frame and pages are made of, as `Resilience.sidebar`. */
interface SidebarParts {
  /** Epoch ms, as this computer has it. */
  now(): number
  /** Calls once, unless what this returns is called before. */
  later(delayMs: number, heard: () => void): () => void
  /**
   * A function that calls `heard` at once when it has been quiet for `everyMs`, else when that is
   * over: never twice within it, and never before the last call was heard.
   */
  paced(everyMs: number, heard: () => void): () => void
  /** Reads at each change, one reading at a time; a refusal is said. `rest`: no further one. */
  inTurn(
    host: SidebarHost,
    read: () => Promise<void>,
  ): { readonly changed: () => void; readonly rest: () => void }
  /**
   * An element with these attributes and children. An attribute that is `undefined` or `false` is
   * left out, `true` is written without a value, and a function hears the event of that name.
   */
  element<Name extends keyof HTMLElementTagNameMap>(
    name: Name,
    attributes?: Readonly<Record<string, Attribute>>,
    ...children: readonly Child[]
  ): HTMLElementTagNameMap[Name]
  /**
   * The children of `parent` become one for each item, in that order. What has the same key stays
   * the same element, so that focus, selection and what is unfolded stay where they are.
   */
  each<Item>(
    parent: Element,
    items: readonly Item[],
    how: {
      keyOf(item: Item): string
      build(item: Item): HTMLElement
      update(element: HTMLElement, item: Item): void
    },
  ): void
  /** Writes only when it differs: what is read out is not read out again. */
  write(element: Element, text: string): void
  /** Hears when a person begins and ceases to look at an element, wherever the editor has it. */
  attend(element: Element, heard: (isLookedAt: boolean) => void): void
  gateway: Pick<SidebarHost, 'get' | 'send' | 'download'>
  /** Whether what was asked about is not there, as a node in mid deploy. */
  isGone(refusal: unknown): boolean
  /**
   * What a node tells of itself. Undefined where it did not: why is said, unless the node is gone,
   * which in mid deploy it is for a moment. Never rejects.
   */
  nodeReport(host: SidebarHost, id: string): Promise<{ readonly report: unknown } | undefined>
  word: SidebarHost['word']
  texts: import('./overview-rows.js').Texts & {
    clockText(at: number): string
    momentText(at: number): string
    /** With all its digits. */
    exactText(count: number): string
  }
  /** The strip of pages, one of them at a time, the line at the top. */
  frame(): HTMLElement

  // Among overview and timeline only
  /** What a call failed of, in words where there are some. */
  codeText(call: Pick<import('./told-events.js').ToldCall, 'code' | 'status'>): string
  /** What a node is called, also one without a name. */
  nameOf(node: { readonly id: string; readonly name: string; readonly type: string }): string
  said(said: import('./overview-rows.js').Said): string
  /** A list of names and values. */
  figures(said: readonly import('./overview-rows.js').Said[]): HTMLElement
  /** Empty where there is nothing to draw; read out as words. */
  plot(plot: import('./overview-rows.js').RowPlot | null): HTMLElement
  /** The calls that made a breaker open, and what other thresholds would have done with them. */
  story(told: ToldStory): HTMLElement
  /** What stands in the detail of a row, from the answer to its command `status`. */
  rowDetail(host: SidebarHost): RowDetail
  /** Buttons and menu of a row. Empty for a person who may not change anything. */
  rowCommands(host: SidebarHost, answered: (answer: unknown) => void): RowCommands
  /** One row of the overview; kept as long as its node runs. */
  overviewRow(host: SidebarHost, row: OverviewNode): OverviewRow
  orphans(host: SidebarHost): OrphanList
  /** One row of it; `nodes` may adopt. */
  orphanRow(host: SidebarHost, orphan: Orphan, nodes: () => readonly OverviewNode[]): OrphanRow
  /** One line of the timeline. */
  timelineEvent(host: SidebarHost, event: import('./told-events.js').ToldEvent): HTMLElement
}

type OverviewNode = import('./overview-rows.js').NodeRow

interface ToldStory {
  readonly calls: readonly import('./told-events.js').ToldCall[]
  readonly whatIf: readonly import('./told-events.js').ToldWhatIf[]
}

interface RowDetail {
  readonly element: HTMLElement
  /** Asks for the rest; one question at a time. */
  read(row: OverviewNode): void
  /** What a command has answered. */
  answer(answer: unknown): void
}

interface RowCommands {
  /** Those on the row itself. */
  readonly direct: HTMLElement
  /** Opens the menu; hidden where there is none. */
  readonly opener: HTMLElement
  readonly menu: HTMLElement
  update(row: OverviewNode): void
}

interface OverviewRow {
  readonly element: HTMLElement
  update(row: OverviewNode): void
}

type Orphan = import('../common/orphans.js').OrphanReport

interface OrphanRow {
  readonly element: HTMLElement
  draw(orphan: Orphan): void
}

interface OrphanList {
  readonly element: HTMLElement
  /** `nodes` may adopt. */
  read(count: number, nodes: readonly OverviewNode[]): void
}

type Attribute = string | number | boolean | undefined | ((event: Event) => void)

/** The one global of the editor holds these besides what dialogs use. */
interface ResilienceWidgets {
  readonly overviewRows: typeof import('./overview-rows.js')
  readonly orphanRows: typeof import('./orphan-rows.js')
  readonly rowFigures: typeof import('./row-figures.js')
  readonly rowCommands: typeof import('./row-commands.js')
  readonly plot: typeof import('./plot.js')
  readonly toldEvents: typeof import('./told-events.js')
  /** What is on the pages of the sidebar: each page puts itself here. */
  readonly pages: Partial<Record<PageName, BuildPage>>
  readonly sidebar: SidebarParts
}
