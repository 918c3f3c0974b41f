/**
 * What VDA 5050, version 2.1.0, requires of the messages that our example sends: rules written down
 * from the tables of the specification (6.2 topics, 6.4 header, 6.6 order, 6.9 actions, 6.10 state,
 * 6.14 connection). Optional fields are not judged.
 */

type Check = (value: unknown) => string[]
type Fields = Readonly<Record<string, Check>>

/** What is wrong with a message; empty for nothing. */
export function wrongWith(topic: string, text: string): string[] {
  const [, interfaceName, major, manufacturer = '', serial = '', name = ''] =
    /^([^/]+)\/(v\d+)\/([^/]+)\/([A-Za-z0-9_.:-]+)\/([^/]+)$/.exec(topic) ?? []
  const rules = messages[name]
  if (interfaceName === undefined || rules === undefined) return [`${topic} is no topic`]
  const value: unknown = JSON.parse(text)
  const names = {
    manufacturer: is(manufacturer),
    serialNumber: is(serial),
    version: ofMajor(major),
  }
  return all({ ...header, ...names, ...rules })(value).map((what) => `${name}: ${what}`)
}

const plain =
  (name: string, isFine: (value: unknown) => boolean): Check =>
  (value) =>
    isFine(value) ? [] : [`${JSON.stringify(value)} is no ${name}`]

const text = plain('text', (value) => typeof value === 'string')
const truth = plain('truth value', (value) => typeof value === 'boolean')
const uint32 = plain('uint32', isUint32)
const percent = plain(
  'percentage',
  (value) => typeof value === 'number' && value >= 0 && value <= 100,
)
const timestamp = plain('timestamp', (value) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{2,3}Z$/.test(String(value)),
)
const is = (wanted: string) => plain(wanted, (value) => value === wanted)
const oneOf = (...words: string[]) =>
  plain(words.join('|'), (value) => words.includes(String(value)))
const ofMajor = (major = '') =>
  plain(`${major}.x`, (value) =>
    new RegExp(`^${major.slice(1)}\\.\\d+\\.\\d+$`).test(String(value)),
  )

const all =
  (fields: Fields): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null) return ['no object']
    return Object.entries(fields).flatMap(([name, check]) =>
      check(Reflect.get(value, name)).map((what) => `${name}: ${what}`),
    )
  }

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) ? value.flatMap(check) : ['no list']

function isUint32(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffffffff
}

const header: Fields = { headerId: uint32, timestamp }

const action = all({
  actionType: text,
  actionId: text,
  blockingType: oneOf('NONE', 'SOFT', 'HARD'),
})

const node = all({ nodeId: text, sequenceId: uint32, released: truth, actions: listOf(action) })

const edge = all({
  ...{ edgeId: text, sequenceId: uint32, released: truth, startNodeId: text, endNodeId: text },
  actions: listOf(action),
})

const actionStatus = oneOf(
  ...['WAITING', 'INITIALIZING', 'RUNNING', 'PAUSED', 'FINISHED', 'FAILED'],
)

const messages: Readonly<Record<string, Fields>> = {
  connection: {
    connectionState: oneOf('ONLINE', 'OFFLINE', 'CONNECTIONBROKEN'),
  },
  order: { orderId: text, orderUpdateId: uint32, nodes: listOf(node), edges: listOf(edge) },
  instantActions: { actions: listOf(action) },
  state: {
    ...{ orderId: text, orderUpdateId: uint32, lastNodeId: text, lastNodeSequenceId: uint32 },
    nodeStates: listOf(all({ nodeId: text, sequenceId: uint32, released: truth })),
    edgeStates: listOf(all({ edgeId: text, sequenceId: uint32, released: truth })),
    driving: truth,
    actionStates: listOf(all({ actionId: text, actionStatus })),
    batteryState: all({ batteryCharge: percent, charging: truth }),
    operatingMode: oneOf('AUTOMATIC', 'SEMIAUTOMATIC', 'MANUAL', 'SERVICE', 'TEACHIN'),
    errors: listOf(all({ errorType: text, errorLevel: oneOf('WARNING', 'FATAL') })),
    safetyState: all({
      eStop: oneOf('AUTOACK', 'MANUAL', 'REMOTE', 'NONE'),
      fieldViolation: truth,
    }),
  },
}
