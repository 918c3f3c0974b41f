/**
 * What a person orders of the letters that are ticked, or of all: redrive, delete and restore,
 * save as a file and take up one. Where the gateway wants ids, they are collected first, a bounded
 * number; what is refused is said, and then nothing has happened.
 */

import type { Job, Line, Piece } from './letter-shapes.js'

/** Saved by the browser, which holds all of it in memory. */
const saveBytesMax = 128 << 20
const bringBytesMax = 100 << 20
const perPage = 500

class Orders implements LetterOrders {
  readonly #model: LettersModel

  constructor(model: LettersModel) {
    this.#model = model
  }

  redrive(): Promise<boolean> {
    return this.#carryOut(async () => {
      const body = await this.#selection()
      const { job } = await this.#send<Pick<Job, 'job'>>('retry', body)
      this.#model.watchedJob = job
      return this.#word('redriving')
    })
  }

  cancel(job: string): Promise<boolean> {
    return this.#model.order(async () => {
      await this.#model.host.send('DELETE', `${this.#path}/jobs/${job}`)
      return this.#word('cancelling')
    })
  }

  async remove(): Promise<readonly string[]> {
    let ids: readonly string[] = []
    const isDone = await this.#carryOut(async () => {
      ids = await this.#ids(() => true)
      return this.#counted('removed', 'letters/delete', { ids })
    })
    return isDone ? ids : []
  }

  restore(ids: readonly string[]): Promise<boolean> {
    return this.#carryOut(() => this.#counted('restored', 'letters/restore', { ids }))
  }

  restoreTicked(): Promise<boolean> {
    return this.#carryOut(async () => {
      const ids = await this.#ids(() => true)
      return this.#counted('restored', 'letters/restore', { ids })
    })
  }

  save(): Promise<boolean> {
    return this.#model.order(async () => {
      const { host, choice, filter, read } = this.#model
      const { exportPath, exportedFrom, matching } = Resilience.letterPaths
      const { sizeText } = Resilience.figureTexts
      const { id = '', bytes = 0 } = read?.desk ?? {}
      const limit = { size: sizeText(bytes), limit: sizeText(saveBytesMax) }
      if (bytes > saveBytesMax) throw new Error(this.#word('saveTooLarge', limit))
      const [place = matching, ...others] = choice.places
      const path = exportPath(id, others.length > 0 ? matching : place, filter)
      const isAll = choice.isEmpty || (others.length === 0 && choice.ofList(place) === 'all')
      const isTicked = (line: string) => {
        const letter = exportedFrom(line)
        if (letter === undefined) return false
        return choice.has({ id: letter.id, list: others.length > 0 ? letter.cause : place })
      }
      await host.download(path, `dead-letters-${id}.ndjson`, isAll ? undefined : isTicked)
      return this.#word('saved')
    })
  }

  clear(isGivenUp: boolean): Promise<boolean> {
    const route = isGivenUp ? 'clear-given-up' : 'clear'
    return this.#carryOut(() => this.#counted('removed', route, { confirm: true }))
  }

  bring(file: File): Promise<boolean> {
    return this.#model.order(async () => {
      const { sizeText } = Resilience.figureTexts
      const limit = { size: sizeText(file.size), limit: sizeText(bringBytesMax) }
      if (file.size > bringBytesMax) throw new Error(this.#word('bringTooLarge', limit))
      const lines = new Blob([file], { type: 'application/x-ndjson' })
      return this.#broughtText(await this.#send<Brought>('import', lines))
    })
  }

  /** When it was carried out, nothing is ticked any more. */
  async #carryOut(work: () => Promise<string>): Promise<boolean> {
    const { choice } = this.#model
    return this.#model.order(async () => {
      const text = await work()
      choice.clear()
      return text
    })
  }

  async #counted(key: string, route: string, body: object): Promise<string> {
    const { count } = await this.#send<{ count: number }>(route, body)
    return Resilience.letterTexts.countedText(`letters.${key}`, count, this.#model.host.word)
  }

  #broughtText({ imported, known, wrong, wrongLines }: Brought): string {
    const figures = { imported, known, wrong, lines: wrongLines.slice(0, 5).join(', ') }
    return this.#word(wrong === 0 ? 'brought' : 'broughtPart', figures)
  }

  /** A cause or a filter where that is all, so that poison stays here; else ids. */
  async #selection(): Promise<object> {
    const { choice, filter } = this.#model
    const [list, ...others] = choice.lists
    if (choice.isEmpty) return { all: true }
    if (list === undefined || others.length > 0 || choice.ids.length > 0) {
      return { ids: await this.#ids(({ poison }) => !poison) }
    }
    const { matching, filterOf } = Resilience.letterPaths
    return list === matching ? { filter: filterOf(filter) } : { cause: list }
  }

  /** Of single letters, and of those in whole lists that are `meant`. */
  async #ids(isMeant: (line: Line) => boolean): Promise<readonly string[]> {
    const { choice } = this.#model
    const { idsMax } = Resilience.letterPaths
    const ids = new Set(choice.ids)
    for (const list of choice.lists) {
      for await (const line of this.#lines(list)) {
        if (isMeant(line)) ids.add(line.id)
        if (ids.size > idsMax) throw new Error(this.#word('tooMany', { count: idsMax }))
      }
    }
    return [...ids]
  }

  async *#lines(cause: string): AsyncGenerator<Line> {
    const { host, filter } = this.#model
    const { listPath } = Resilience.letterPaths
    let after: string | null = null
    do {
      const path = listPath(this.#node, { cause, filter, limit: perPage, after })
      const { items, next }: Piece<Line> = await host.get(path)
      yield* items
      after = next
    } while (after !== null)
  }

  #send<Answer>(route: string, body: object): Promise<Answer> {
    return this.#model.host.send('POST', `${this.#path}/${route}`, body)
  }

  get #node(): string {
    return this.#model.read?.desk?.id ?? ''
  }

  get #path(): string {
    return Resilience.letterPaths.deskPath(this.#node)
  }

  #word(key: string, values?: Readonly<Record<string, string | number>>): string {
    return this.#model.host.word(`letters.${key}`, values)
  }
}

interface Brought {
  readonly imported: number
  readonly known: number
  readonly wrong: number
  readonly wrongLines: readonly number[]
}

const letterOrders: SidebarParts['letterOrders'] = (model) => new Orders(model)

Object.assign(Resilience.sidebar, { letterOrders })
