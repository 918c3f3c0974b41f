/**
 * The story of a letter as it is told on: what an arrival begins it with, and what each further
 * failure adds. Bounded in every direction; it keeps nothing and decides nothing.
 */

import type { EpochMs } from '../base/units.js'
import { causeOf, stackPrint } from '../policy/letter-cause.js'
import { countsOnArrival, type LetterCounts, type RedriveAttempts } from '../policy/letter-fate.js'
import {
  type Arrival,
  failuresMax,
  type LetterFailure,
  pathLengthMax,
  type Reported,
  type Story,
  textLengthMax,
} from './letter.js'

const nameLengthMax = 128

/** The story of a message that has just come in. */
export function storyOf(
  arrival: Arrival,
  { number, at, attempts }: { number: number; at: EpochMs; attempts: RedriveAttempts },
): Story {
  const failures = arrival.failures.map((each) => failureOf(each))
  const last = failures.at(-1)
  const cause = causeOf(last ?? { code: arrival.reason, text: '' })
  const hops = (arrival.before?.hops ?? 0) + 1
  const redrives = arrival.before?.redrives ?? 0
  const counts = countsOnArrival({ reason: arrival.reason, redrives, cause, hops }, attempts)
  return {
    ...counts,
    firstAt: failures[0]?.at ?? at,
    lastAt: last?.at ?? at,
    failures: bounded(failures),
    source: cut(arrival.source ?? last?.node?.id ?? '', nameLengthMax),
    path: arrival.path.slice(-pathLengthMax).map((id) => cut(id, nameLengthMax)),
    flow: cut(arrival.flow, nameLengthMax),
    topic: cut(arrival.topic, nameLengthMax),
    ...{ hops, editedFrom: undefined, number, job: undefined },
  }
}

/** The same letter after it failed once more. */
export function failedOnceMore(
  story: Story,
  failure: LetterFailure,
  counts: Omit<LetterCounts, 'cause'> & { readonly job: string | undefined },
): Story {
  const { reason, redrives, permanents, isGivenUp, job } = counts
  return {
    ...story,
    ...{ reason, redrives, permanents, isGivenUp, job },
    cause: causeOf(failure),
    lastAt: failure.at,
    failures: bounded([...story.failures, failure]),
  }
}

export function failureOf({ stack, node, ...reported }: Reported): LetterFailure {
  const { at, kind, attempt } = reported
  return {
    ...{ at, kind, attempt },
    code: cut(reported.code, nameLengthMax),
    text: cut(reported.text, textLengthMax),
    ...(node === undefined ? {} : { node: nodeOf(node) }),
    ...(stack === undefined ? {} : { stack: stackPrint(stack) }),
  }
}

function nodeOf({ id, type, name }: NonNullable<Reported['node']>) {
  const short = { id: cut(id, nameLengthMax), type: cut(type, nameLengthMax) }
  return name === undefined ? short : { ...short, name: cut(name, nameLengthMax) }
}

/** The first tells how it began, the last ones how it is. */
function bounded(failures: readonly LetterFailure[]): readonly LetterFailure[] {
  if (failures.length <= failuresMax) return failures
  return [...failures.slice(0, 1), ...failures.slice(1 - failuresMax)]
}

function cut(text: string, length: number): string {
  return text.length > length ? text.slice(0, length) : text
}
