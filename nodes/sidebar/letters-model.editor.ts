/**
 * The dead letters as the page knows them: read again when something may have changed, while a
 * person looks, and never more of them than is unfolded. What is read belongs together: it is shown
 * when all of it has come, or not at all. It shows nothing itself.
 */

import type { Desk, Story } from './letter-shapes.js'

/** Of all it asks while a redrive runs or many letters come. */
const everyMs = 1000
/** Looks in a row at a redrive that does not move; after that, news must come. */
const idleLooksMax = 60
const remembered = 'resilience-letters-node'

interface Unfolded {
  /** The line that the story belongs to; '' while it is not read yet. */
  readonly line: string
  readonly story: Story | null
}

class Model implements LettersModel, LettersReader {
  readonly host: SidebarHost
  readonly choice = new Resilience.letterChoice.Choice()
  readonly busy = new Set<string>()
  watchedJob = ''
  wantedFilter = Resilience.letterPaths.unfiltered
  read: LettersRead | undefined
  readonly #draw: () => void
  readonly #news = Resilience.sidebar.paced(everyMs, () => void this.#readAgain())
  #node = localStorage.getItem(remembered) ?? ''
  #gone: ReadonlySet<string> = new Set()
  #causesWanted = Resilience.letterPaths.piece
  readonly #wanted = new Map<string, number>()
  readonly #stories = new Map<string, Unfolded>()
  #isShown = false
  #isReading = false
  #isStale = false
  /** What is read was asked for before a person turned to something else. */
  #turn = 0
  #stopLooking: (() => void) | undefined
  #idleLooks = 0
  #lastJob = ''

  constructor(host: SidebarHost, draw: () => void) {
    this.host = host
    this.#draw = draw
  }

  get filter(): LetterFilter {
    return (this.read ?? nothing).filter
  }

  isGone(cause: string): boolean {
    return this.#gone.has(cause)
  }

  list(cause: string): LetterList | null | undefined {
    return this.#wanted.has(cause) ? (this.read?.lists.get(cause) ?? null) : undefined
  }

  story(id: string): Story | null | undefined {
    return this.#stories.get(id)?.story
  }

  draw(): void {
    this.#draw()
  }

  show(): void {
    this.#isShown = true
    this.changed()
  }

  hide(): void {
    this.#isShown = false
    this.#stopLooking?.()
  }

  changed(): void {
    this.#idleLooks = 0
    this.#news()
  }

  pick(node: string): void {
    localStorage.setItem(remembered, node)
    this.#node = node
    this.#turnAway()
  }

  narrow(filter: Partial<LetterFilter>): void {
    this.wantedFilter = { ...this.wantedFilter, ...filter }
    this.#turnAway()
  }

  fold(cause: string): void {
    if (!this.#wanted.delete(cause)) this.#wanted.set(cause, Resilience.letterPaths.piece)
    this.#changedHere()
  }

  more(cause: string): void {
    const { piece, linesMax } = Resilience.letterPaths
    this.#wanted.set(cause, Math.min(linesMax, (this.#wanted.get(cause) ?? 0) + piece))
    this.#changedHere()
  }

  moreCauses(): void {
    const { piece, linesMax } = Resilience.letterPaths
    this.#causesWanted = Math.min(linesMax, this.#causesWanted + piece)
    this.#changedHere()
  }

  foldLetter(id: string): void {
    if (!this.#stories.delete(id)) this.#stories.set(id, { line: '', story: null })
    this.busy.delete(id)
    this.#changedHere()
  }

  async order(work: () => Promise<string>): Promise<boolean> {
    try {
      this.host.say(await work())
      return true
    } catch (error) {
      const isNews = error instanceof Error && codeOf(error) === 'JOB_RUNNING'
      if (isNews) this.host.say(error.message)
      else this.host.sayRefusal(error)
      return false
    } finally {
      this.#changedHere()
    }
  }

  #turnAway(): void {
    this.choice.clear()
    this.busy.clear()
    this.#wanted.clear()
    this.#stories.clear()
    this.#turn += 1
    const { piece, matching, isFiltered } = Resilience.letterPaths
    this.#causesWanted = piece
    if (isFiltered(this.wantedFilter)) this.#wanted.set(matching, piece)
    this.#changedHere()
  }

  /** A person waits for it: it is read now, not at the next turn. */
  #changedHere(): void {
    this.#draw()
    void this.#readAgain()
  }

  /** One reading at a time; what was asked for meanwhile is read once more. Never rejects. */
  async #readAgain(): Promise<void> {
    if (this.#isReading) this.#isStale = true
    if (this.#isReading || !this.#isShown) return
    this.#isReading = true
    try {
      do {
        this.#isStale = false
        await this.#readAll(this.#turn)
      } while (this.#isStale && this.#isShown)
    } catch (error) {
      // A node that is gone in mid deploy is there again at the next change.
      if (!Resilience.sidebar.isGone(error)) this.host.sayRefusal(error)
    } finally {
      this.#isReading = false
    }
  }

  async #readAll(turn: number): Promise<void> {
    const before = this.read ?? nothing
    const wanted = {
      ...{ node: this.#node, filter: this.wantedFilter, causes: this.#causesWanted },
      letters: new Map(this.#wanted),
    }
    const read = await Resilience.sidebar.readLetters(this.host, wanted, before)
    if (turn !== this.#turn) return
    this.#take(read, before)
    this.#draw()
    if (read.desk === undefined) return
    await this.#readStories(read.desk.id, turn)
    await this.#tellSeen(read)
    this.#lookAgain(read.desk)
  }

  #take(read: LettersRead, before: LettersRead): void {
    const isUnfolded = (cause: string) => this.#wanted.has(cause)
    const { keepWritten } = Resilience.sidebar
    this.read = keepWritten(read, before, this.busy, isUnfolded)
    // Ticked while something else was shown.
    if (read.desk?.id !== before.desk?.id || read.filter !== before.filter) this.choice.clear()
    const { causes, lists } = this.read
    const there = new Set(read.causes.map(({ cause }) => cause))
    this.#gone = new Set(causes.flatMap(({ cause }) => (there.has(cause) ? [] : [cause])))
    const shown = new Set([...lists.values()].flatMap(({ items }) => items.map(({ id }) => id)))
    const isWhole = (list: string) => {
      const { items = [], total = 1 } = lists.get(list) ?? {}
      return items.length >= total
    }
    this.choice.forget(
      causes.map(({ cause }) => cause),
      ({ id, list }) => isWhole(list) && !shown.has(id),
    )
    for (const id of this.#stories.keys()) if (!shown.has(id)) this.#stories.delete(id)
  }

  /** Of letters that are unfolded, when something has happened to them. */
  async #readStories(node: string, turn: number): Promise<void> {
    const { letterPath } = Resilience.letterPaths
    const lists = [...(this.read?.lists.values() ?? [])]
    for (const line of lists.flatMap(({ items }) => items)) {
      const unfolded = this.#stories.get(line.id)
      const text = JSON.stringify(line)
      if (unfolded === undefined || unfolded.line === text || this.busy.has(line.id)) continue
      const story = await this.#readStory(letterPath(node, line.id))
      if (turn !== this.#turn) return
      if (story !== undefined && this.#stories.has(line.id)) {
        this.#stories.set(line.id, { line: text, story })
        this.#draw()
      }
    }
  }

  /** Undefined for a letter that went meanwhile: the next reading has it no more. */
  async #readStory(path: string): Promise<Story | undefined> {
    try {
      return await this.host.get<Story>(path)
    } catch (error) {
      if (codeOf(error) === 'LETTER_GONE') return undefined
      throw error
    }
  }

  /** Only what was really shown, and only by somebody who may say so. */
  async #tellSeen({ desk, desks, causes, filter }: LettersRead): Promise<void> {
    const { host } = this
    const { deskPath, isFiltered } = Resilience.letterPaths
    const isShown = this.#isShown && !isFiltered(filter) && causes.length > 0
    const isNews = desk !== undefined && desk.fresh > 0 && isShown && host.mayWrite
    if (isNews) await host.send('POST', `${deskPath(desk.id)}/seen`)
    const others = desks.filter((each) => each !== desk || !isNews)
    host.badge(others.reduce((sum, { fresh }) => sum + fresh, 0))
  }

  /** A redrive is looked at once a second, as long as it moves. */
  #lookAgain({ redrive }: Desk): void {
    const job = JSON.stringify(redrive)
    this.#idleLooks = job === this.#lastJob ? this.#idleLooks + 1 : 0
    this.#lastJob = job
    this.#stopLooking?.()
    if (redrive?.state !== 'running' || !this.#isShown || this.#idleLooks > idleLooksMax) return
    this.#stopLooking = Resilience.sidebar.later(everyMs, () => this.#news())
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error ? Reflect.get(error, 'code') : undefined

const nothing: LettersRead = {
  ...{ desks: [], desk: undefined, causes: [], causesTotal: 0, lists: new Map() },
  filter: Resilience.letterPaths.unfiltered,
}

const lettersModel: SidebarParts['lettersModel'] = (host, draw) => new Model(host, draw)

Object.assign(Resilience.sidebar, { lettersModel })
