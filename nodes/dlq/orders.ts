/**
 * What a flow or a person may order of a dead letter node, and how an order says which letters it
 * means. The same fields in a message and in an admin request; wrong ones throw COMMAND_INVALID.
 */

import type { DropReason } from '../../src/base/event.js'
import type { RedriveRequest } from '../../src/delivery/redrive-host.js'
import type { LetterFilter, Selection } from '../../src/policy/letter-selection.js'
import { fieldOf, textOf } from '../../src/policy/plain-data.js'
import type { Commands, Order } from '../common/commands.js'
import * as grammar from '../common/grammar.js'
import type { Desk } from './desks.js'
import { lineShown, messageOf, statsShown } from './shown.js'

const peekDefault = 10
const peekMax = 100
/** Ids in one order. */
const idsMax = 10_000

export function commandsOf({ letters, redriver }: Omit<Desk, 'id' | 'name' | 'flow'>): Commands {
  const pause = async (isPaused: boolean) => {
    await letters.pause(isPaused)
    return { paused: isPaused }
  }
  return {
    status: () => statsShown(letters, redriver),
    pause: () => pause(true),
    resume: () => pause(false),
    peek: async (order) => {
      const filter = order.has('cause') ? { cause: order.text('cause') } : {}
      const found = await letters.peek(order.count('count', peekDefault, peekMax), filter)
      return found.map((letter) => ({ ...lineShown(letter), msg: messageOf(letter) }))
    },
    redrive: async (order) => ({ job: await redriver.start(requestFrom(order)) }),
    cancel: async () => {
      const job = redriver.progress?.job
      return { cancelled: job !== undefined && (await redriver.cancel(job)) }
    },
    drop: async (order) => ({ dropped: await dropped(letters, order) }),
    purge: async (order) => {
      order.confirmed()
      return { dropped: await letters.purge() }
    },
  }
}

/** A redrive by hand: `ids`, `cause`, `filter` or `all: true`, with `rate` and `canary`. */
export function requestFrom(order: Order): RedriveRequest {
  const canary = order.flag('canary')
  return {
    selection: selectionFrom(order),
    ...(order.has('rate') ? { rate: order.value('rate', rateFrom) } : {}),
    ...(canary === undefined ? {} : { canary }),
  }
}

/** What lets a letter pass; absent is anything. */
export function filterFrom(from: unknown): LetterFilter | undefined {
  const names = ['cause', 'reason', 'text', 'state'] as const
  const [cause, reason, text, state] = names.map((name) => textOf(from, name))
  const isText = (name: string) => ['string', 'undefined'].includes(typeof fieldOf(from, name))
  const isState = state === undefined || state === 'waiting' || state === 'given-up'
  if (typeof from !== 'object' || from === null || Array.isArray(from)) return undefined
  if (!names.every(isText) || !isState) return undefined
  return {
    ...(cause === undefined ? {} : { cause }),
    // A reason that there is not lets none pass.
    ...(reason === undefined ? {} : { reason: reason as DropReason }),
    ...(text === undefined ? {} : { text }),
    ...(state === undefined ? {} : { state }),
  }
}

export function idsFrom(order: Order): readonly string[] {
  const ids = order.texts('ids')
  return order.value('ids', () => (ids.length <= idsMax ? ids : undefined))
}

function selectionFrom(order: Order): Selection {
  if (order.has('ids')) return { ids: idsFrom(order) }
  if (order.has('cause')) return { filter: { cause: order.text('cause') } }
  if (order.has('filter')) return { filter: order.value('filter', filterFrom) }
  const isAll = order.flag('all') === true
  return order.value('all', () => (isAll ? { filter: {} } : undefined))
}

function rateFrom(input: unknown) {
  const rate = grammar.rate(input)
  return rate.ok ? rate.value : undefined
}

function dropped(letters: Desk['letters'], order: Order): Promise<number> {
  if (order.has('ids')) return letters.delete(idsFrom(order))
  if (order.has('key')) return letters.clear({ cause: order.text('key') })
  return letters.clear({}, order.count('count', Number.NaN, Number.MAX_SAFE_INTEGER))
}
