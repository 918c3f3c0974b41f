/**
 * What a person is asked before a command of the overview is carried out, and which commands stand
 * in the menu of a row. It knows names and fields of dialogs.md section 5, touches no page, asks
 * nobody and imports nothing.
 */

/** One thing to fill in. */
export interface CommandField {
  readonly name: 'count' | 'key'
  readonly kind: 'count' | 'text'
  /** What stands there at first. */
  readonly initial: string
}

export interface CommandForm {
  readonly fields: readonly CommandField[]
  /** Asked back with words of its own before it is done. */
  readonly isGrave: boolean
  /** Sent besides, without being asked for. */
  readonly fixed: Readonly<Record<string, boolean>>
}

const plain: CommandForm = { fields: [], isGrave: false, fixed: {} }

/** How many messages; how many there are decides the rest. */
const countOf = (initial: string): CommandForm => {
  return { ...plain, fields: [{ name: 'count', kind: 'count', initial }] }
}

const keyOnly: CommandForm = { ...plain, fields: [{ name: 'key', kind: 'text', initial: '' }] }
const keyed = new Set(['circuit-breaker', 'resilience-bulkhead'])

/** `type` of the node: the same command takes other fields elsewhere. */
export function formOf(command: string, type: string): CommandForm {
  if (command === 'peek') return countOf('10')
  if (command === 'drop') return keyed.has(type) ? keyOnly : countOf('1')
  if (command === 'purge') return { ...plain, isGrave: true, fixed: { confirm: true } }
  if (command === 'redrive') return { ...plain, isGrave: true, fixed: { all: true } }
  return plain
}

/** Done at once, or only after something was filled in or asked back. */
export function isAsked({ fields, isGrave }: CommandForm): boolean {
  return fields.length > 0 || isGrave
}

/** The fields to send; undefined when something is missing or wrong. */
export function filledIn(
  { fields, fixed }: CommandForm,
  written: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> | undefined {
  const filled: Record<string, unknown> = { ...fixed }
  for (const { name, kind } of fields) {
    const text = (written[name] ?? '').trim()
    const isRight = kind === 'text' ? text !== '' : /^[1-9]\d{0,8}$/.test(text)
    if (!isRight) return undefined
    filled[name] = kind === 'text' ? text : Number(text)
  }
  return filled
}

/** The grave ones last: they are not to be hit by mistake. */
export function menuOf(commands: readonly string[], type: string): readonly string[] {
  const weight = (command: string) => (formOf(command, type).isGrave ? 1 : 0)
  return [...commands].sort((one, other) => weight(one) - weight(other))
}

/** Whether what it answered is to be read, and not only that it was done. */
export function isTelling(command: string): boolean {
  return command === 'status' || command === 'peek' || command === 'check'
}
