/**
 * Letters as flows and browsers see them: plain JSON with times in epoch ms, nothing that only this
 * process understands. Messages are shown by whoever may show them.
 */

import type { Letter, LetterFailure, LetterGroup, Listed } from '../../src/delivery/letter.js'
import type { Letters } from '../../src/delivery/letters.js'
import type { RedriveProgress } from '../../src/delivery/redrive-host.js'
import { restored } from '../common/content.js'
import type { Message } from '../common/node-red.js'

/** What is known of a redrive that may not have been. */
export interface Redriving {
  readonly progress: RedriveProgress | undefined
  readonly nextAt: number | undefined
}

/** The message as it was; a new object each time. */
export function messageOf({ original }: Pick<Letter, 'original'>): Message {
  return restored({ codec: original.codec, payload: original.bytes })
}

/** One line of a list. */
export function lineShown(letter: Listed): object {
  const { id, state, reason, cause, storedAt, firstAt, lastAt, redrives, hops } = letter
  const { isPoison, topic, flow, editedFrom, failures } = letter
  return {
    ...{ id, state, reason, cause, storedAt, firstAt, lastAt, redrives, hops, topic, flow },
    ...{ poison: isPoison, editedFrom: editedFrom ?? null },
    failure: failureShown(failures.at(-1)),
  }
}

/** All but the message. */
export function storyShown(letter: Listed): object {
  const { path, failures, source } = letter
  return { ...lineShown(letter), source, path, failures: failures.map(failureShown) }
}

/** In `msg.resilience.deadLetter` of a letter that is given up for good. */
export function givenUpShown(letter: Listed): object {
  const { id, cause, redrives, hops, firstAt, lastAt, flow, path, failures } = letter
  return {
    ...{ id, cause, redrives, hops, firstAt, lastAt, flow, path },
    failures: failures.map(failureShown),
  }
}

export function groupShown(group: LetterGroup): object {
  const { cause, count, givenUp, poison, firstAt, lastAt, note, example } = group
  const { id, failure } = example
  return {
    ...{ cause, count, givenUp, poison, firstAt, lastAt, note },
    example: { id, failure: failureShown(failure) },
  }
}

/** Figures and balance of one node. */
export function statsShown(letters: Letters, { progress, nextAt }: Redriving): object {
  const { waiting, givenUp, poison, deleted, resolved, causes, fresh } = letters.stats
  const { bytes, oldestAt, isNearlyFull } = letters.stats
  const { accepted, delivered, deadLettered, dropped, stored } = letters.totals
  return {
    ...{ waiting, givenUp, poison, deleted, resolved, causes, fresh, bytes },
    ...{ oldestAt: oldestAt ?? null, nearlyFull: isNearlyFull, paused: letters.isPaused },
    ...{ nextAt: nextAt ?? null, redrive: progress ?? null },
    balance: { accepted, delivered, waiting: stored, deadLettered, dropped },
  }
}

function failureShown(failure: LetterFailure | undefined): object | null {
  if (failure === undefined) return null
  const { code, kind, text, at, node, attempt, stack } = failure
  return { code, kind, text, at, node: node ?? null, attempt, stack: stack ?? null }
}
