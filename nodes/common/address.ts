/**
 * Names and addresses as people write them in a dialog: servers, topics, paths. They go the
 * same way as the figures: one reader for dialog and runtime, imports nothing. It judges the form
 * only; whether a server exists or a topic is allowed turns out when it is used.
 */

export type Scheme = 'mqtt' | 'mqtts' | 'ws' | 'wss'

export interface Address {
  readonly scheme: Scheme
  readonly host: string
  readonly port: number
  /** Begins with `/` for ws and wss; else ''. */
  readonly path: string
}

const ports: Readonly<Record<Scheme, number>> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 }

/** A name or IPv4 address, or an IPv6 address in brackets. A user name has no place in it. */
const form =
  /^(?:(mqtts?|wss?):\/\/)?([\p{L}\p{N}_.-]{1,253}|\[[\da-f:.]{2,45}\])(?::(\d{1,5}))?(\/[^\s,]*)?$/iu

const topicBytesMax = 65_535
const clientIdLengthMax = 128

/** One or more `[mqtt|mqtts|ws|wss://]host[:port][/path]`, by commas. Nothing when one is wrong. */
export function servers(text: string): readonly Address[] | undefined {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  const addresses = items.map(address).filter((item) => item !== undefined)
  return items.length > 0 && addresses.length === items.length ? addresses : undefined
}

/** `host:port`, an IPv6 address in brackets. Nothing when it is wrong. */
export function hostPort(text: string): Pick<Address, 'host' | 'port'> | undefined {
  const found = text.includes('/') ? undefined : address(text)
  return found !== undefined && /:\d+$/.test(text)
    ? { host: found.host, port: found.port }
    : undefined
}

/** A full path, beginning with `/` or a drive letter. */
export function isDirectory(text: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/])[^\0]*$/.test(text)
}

/** Whether certificates have a part in it. */
export function isSecure({ scheme }: Address): boolean {
  return scheme === 'mqtts' || scheme === 'wss'
}

const notInTopics = /[+#\p{Surrogate}\p{Control}\p{Noncharacter_Code_Point}]/u

/** A topic that something can be published to (MQTT 5, 4.7.1 and 4.7.3). Empty is no topic. */
export function isTopic(text: string): boolean {
  if (text === '' || notInTopics.test(text)) return false
  return new TextEncoder().encode(text).length <= topicBytesMax
}

/** What may stand in a text property of MQTT 5 (1.5.4); brokers hang up on anything else. */
export function isPlainText(text: string): boolean {
  if (/[\p{Surrogate}\p{Control}\p{Noncharacter_Code_Point}]/u.test(text)) return false
  return new TextEncoder().encode(text).length <= topicBytesMax
}

/** A client id that brokers, their access lists and their logs can take. */
export function isClientId(text: string): boolean {
  return text.length <= clientIdLengthMax && !/[/+#\0]/.test(text)
}

function address(text: string): Address | undefined {
  const [, written = 'mqtt', host, digits, path = ''] = form.exec(text) ?? []
  if (host === undefined) return undefined
  const scheme = schemeOf(written.toLowerCase())
  const port = digits === undefined ? ports[scheme] : Number(digits)
  if (port < 1 || port > 65_535) return undefined
  const overWeb = scheme === 'ws' || scheme === 'wss'
  if (!overWeb && path !== '' && path !== '/') return undefined
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return { scheme, host: bare, port, path: overWeb ? path || '/' : '' }
}

function schemeOf(word: string): Scheme {
  return word === 'mqtts' || word === 'ws' || word === 'wss' ? word : 'mqtt'
}
