/**
 * What the dialog of `resilient-mqtt-broker` saves, the defaults of these fields, and their
 * reading into settings that never change. It lists every defect, not the first; user name and
 * password are credentials and never pass through here.
 */

import type { Ms } from '../../src/base/units.js'
import type { ProtocolVersion, Server } from '../../src/mqtt/wire.js'
import type { BackOff } from '../../src/policy/back-off.js'
import type { Rate } from '../../src/policy/rate.js'
import { isClientId, isTopic, servers } from '../common/address.js'
import { type BackOffForm, backOffFrom } from '../common/back-off.js'
import { type Defect, Fields, type Unchecked } from '../common/fields.js'
import { ranges } from '../common/figures.js'
import {
  type Announcement,
  announcements,
  type MessageRow,
  oneAnnouncement,
} from '../common/rows.js'

export interface Form extends BackOffForm {
  name?: string
  /** Addresses by commas, first choice first. */
  servers?: string
  /** Id of a `tls-config` node. */
  tls?: string
  /** Empty: made from node id and machine. */
  clientId?: string
  protocolVersion?: 'auto' | '5' | '3.1.1'
  keepalive?: string
  connectTimeout?: string
  ackTimeout?: string
  /** `unlimited`, or after how many failures in a row a person must look. */
  attempts?: string
  returnToFirst?: boolean
  maxInFlight?: string
  connections?: '1' | '2' | '3' | '4'
  rateLimit?: string
  birthMessages?: readonly MessageRow[]
  closeMessages?: readonly MessageRow[]
  willMessage?: MessageRow | null
}

/** Kept encrypted by Node-RED. */
export interface Credentials {
  username?: string
  password?: string
}

export const defaults = {
  servers: '',
  name: '',
  tls: '',
  clientId: '',
  protocolVersion: 'auto',
  keepalive: '15s',
  connectTimeout: '10s',
  ackTimeout: '15s',
  backoffInitial: '1s',
  backoffFactor: '2',
  backoffMax: '60s',
  backoffJitter: '50%',
  attempts: 'unlimited',
  returnToFirst: true,
  maxInFlight: '20',
  connections: '1',
  rateLimit: 'unlimited',
  birthMessages: [],
  closeMessages: [],
  willMessage: null,
} as const satisfies Required<Form>

export interface Settings {
  /** At least one, unless there is a defect that says so. */
  readonly servers: readonly Server[]
  /** '' for none. */
  readonly tls: string
  /** '' for one made from node id and machine. */
  readonly clientId: string
  readonly protocolVersion: 'auto' | ProtocolVersion
  readonly keepalive: Ms
  readonly connectTimeout: Ms
  readonly ackTimeout: Ms
  readonly backOff: BackOff
  /** Absent: without end. */
  readonly attempts?: number
  readonly returnToFirst: boolean
  readonly maxInFlight: number
  /** 1 to 4. */
  readonly connections: number
  /** Empty: unlimited. */
  readonly rate: Rate
  readonly announcements: Readonly<Record<'birth' | 'close' | 'will', readonly Announcement[]>>
}

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('resilient-mqtt-broker', form, defaults)
  const attempts = fields.countOrUnlimited('attempts', ranges.attempts)
  const settings = Object.freeze({
    servers: serversOf(fields),
    tls: fields.text('tls') ?? '',
    clientId: clientIdOf(fields),
    protocolVersion: versionOf[fields.choice('protocolVersion', ['auto', '5', '3.1.1'])],
    keepalive: fields.duration('keepalive', ranges.keepalive),
    connectTimeout: fields.duration('connectTimeout', ranges.connectTimeout),
    ackTimeout: fields.duration('ackTimeout', ranges.ackTimeout),
    backOff: backOffFrom(fields, form),
    ...(attempts === 'unlimited' ? {} : { attempts }),
    returnToFirst: fields.flag('returnToFirst'),
    maxInFlight: fields.count('maxInFlight', ranges.maxInFlight),
    connections: Number(fields.choice('connections', ['1', '2', '3', '4'])),
    rate: fields.rate('rateLimit'),
    announcements: announcementsOf(fields),
  })
  return { settings, wrong: fields.defects }
}

const versionOf = { auto: 'auto', '5': 5, '3.1.1': 4 } as const

function serversOf(fields: Fields<Form>): readonly Server[] {
  const text = fields.text('servers', true)
  const addresses = servers(text ?? '')
  if (text !== undefined && addresses === undefined) fields.wrong('servers', 'servers', {}, true)
  return Object.freeze(addresses ?? [])
}

function clientIdOf(fields: Fields<Form>): string {
  const clientId = fields.text('clientId') ?? ''
  if (isClientId(clientId)) return clientId
  fields.wrong('clientId', 'clientId')
  return ''
}

function announcementsOf(fields: Fields<Form>): Settings['announcements'] {
  const list = (input: unknown) => announcements(input, isTopic)
  return Object.freeze({
    birth: fields.structure('birthMessages', list) ?? [],
    close: fields.structure('closeMessages', list) ?? [],
    will: fields.structure('willMessage', (input) => oneAnnouncement(input, isTopic)) ?? [],
  })
}
