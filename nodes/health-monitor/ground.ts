/**
 * What the probes of one monitor look at, as Node-RED has it: the broker's link, certificates and
 * header, the flow behind the second output, the nodes that are watched. And a check of an address
 * that came with a message, where that is allowed.
 */

import { Fault } from '../../src/base/fault.js'
import type { Exchange } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import type { Ending } from '../../src/policy/outcome.js'
import type { NodeView } from '../../src/probe/nodes.js'
import * as address from '../common/address.js'
import { checkRows } from '../common/check-rows.js'
import type { CheckSpec } from '../common/checks.js'
import * as grammar from '../common/grammar.js'
import type { NodeRed } from '../common/node-red.js'
import { type Follower, inInstance } from '../common/outcome-follower.js'
import { type OutcomeSettings, outcomeDefaults } from '../common/outcome-settings.js'
import type { Context } from '../common/room.js'
import { statusesOf } from '../common/statuses.js'
import { tlsFrom } from '../common/tls.js'
import type { Settings } from './health-monitor.settings.js'
import { type Ground, readyFor, turnstileOf } from './probes.js'

/** Answers come back as in mode manual; each check has a time-out of its own, none a longer one. */
export function askingFor({ checks }: Settings): OutcomeSettings {
  const timeoutMs = ms(Math.max(...checks.map(({ timeout }) => timeout), 1))
  const failWhen = { is: outcomeDefaults.failWhenType, text: '' }
  return { mode: 'manual', watchNodes: [], timeoutMs, failStatus: [], failWhen }
}

/** A link that a check of it needs is opened. */
export async function groundOf(
  RED: NodeRed,
  context: Context<Settings>,
  follower: Follower,
): Promise<Ground> {
  const { settings, hall, directory, credentials } = context
  const isUsed = settings.checks.some(({ kind }) => kind === 'mqtt')
  const link = isUsed ? await hall.links.find(settings.broker) : undefined
  link?.open()
  return {
    ...{ hall, directory, authorization: credentials['authorization'] ?? '', link },
    tls: tlsFrom(RED, settings.tls),
    ask: (label) => asked(context, follower, label),
    watched: () => settings.watchNodes.map((watched) => viewOf(RED, context.id, watched)),
  }
}

function asked(context: Context<Settings>, follower: Follower, label: string): Exchange<Ending> {
  let named = ''
  const answer = new Promise<Ending>((settled) => {
    const send = (token: string) => {
      const resilience = { token, health: { check: { label } } }
      context.send(1, { topic: context.work.name, payload: 'check', resilience })
    }
    named = follower.follow({ send, settled })
  })
  return { answer, stop: () => void follower.release(named) }
}

function viewOf(RED: NodeRed, own: string, watched: string): NodeView {
  const self = RED.nodes.getNode(own)
  const id = inInstance({ ...Object(self), id: own }, watched)
  const node = RED.nodes.getNode(id)
  const [name, type] = ['name', 'type'].map((key) => Reflect.get(Object(node ?? {}), key))
  const isThere = node !== null && node !== undefined
  return { name: String(name || type || id), isThere, fill: statusesOf(RED).fillOf(id) }
}

/** Asks this address once, as the first check that has one asks its own; no verdict is moved. */
export async function checkOnce(
  { settings, work }: Context<Settings>,
  ground: Ground,
  target: string,
): Promise<object> {
  const refused = new Fault('COMMAND_INVALID', { command: 'check', field: 'target' })
  const model = settings.checks.find((check) => 'url' in check || 'host' in check)
  if (!settings.acceptsTarget || model === undefined) throw refused
  const spec = redirected(model, target)
  if (spec === undefined) throw refused
  const trial = turnstileOf(ground.hall.world).enter(readyFor(spec, ground).probe)
  const { is, latencyMs, why } = await trial.found
  return {
    ...{ target, kind: spec.kind, is, ...(latencyMs === undefined ? {} : { latencyMs }) },
    ...(why === undefined ? {} : { text: work.textOf(why) }),
  }
}

/** Undefined for what is no address of that kind. */
function redirected(model: CheckSpec, target: string): CheckSpec | undefined {
  const { kind } = model
  const list = checkRows([{ kind, url: target, address: target }], { grammar, address })
  const [found] = list.ok ? list.value : []
  if (found === undefined) return undefined
  const place = 'url' in found ? { url: found.url } : 'host' in found ? at(found) : {}
  return { ...model, ...place } as CheckSpec
}

const at = ({ host, port }: { readonly host: string; readonly port: number }) => ({ host, port })
