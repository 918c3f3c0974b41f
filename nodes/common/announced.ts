/**
 * Events of the engine on their way out: a line in the log of the node that they happened to, and
 * an entry of the timeline, from which everything else is made.
 */

import { countIn } from '../../src/base/counts.js'
import { type Emit, type Event, severityOf } from '../../src/base/event.js'
import { countsOf, type Hall } from './hall.js'
import type { FlowNode, NodeRed } from './node-red.js'
import { flowNameOf } from './running-node.js'
import { eventText } from './words.js'

/** A node of ours, and what the tab or subflow that it is on is called. */
export interface NodePlace {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly flow: string
}

export function placeOf(RED: NodeRed, { id, type, name }: FlowNode): NodePlace {
  return { id, type, name: name ?? '', flow: flowNameOf(RED, id) }
}

/** Events of one node. */
export function announced(RED: NodeRed, hall: Hall, node: FlowNode): Emit {
  return (event) => {
    const text = eventText(RED, event)
    const severity = severityOf(event)
    if (severity === 'error') node.error(text)
    else if (severity === 'warning') node.warn(text)
    else node.log(text)
    countIn(countsOf(hall, node.id).by('events'), event.kind)
    enter(hall, placeOf(RED, node), event, text)
  }
}

/** An event of what is no node any more: a line in the log of Node-RED itself. */
export function tell(RED: NodeRed, hall: Hall, place: NodePlace, event: Event): void {
  const text = eventText(RED, event)
  RED.log?.info(`${place.id}: ${text}`)
  enter(hall, place, event, text)
}

function enter(hall: Hall, node: NodePlace, event: Event, text: string): void {
  const at = hall.world.clock.wall()
  const { kind } = event
  hall.timeline.add({ ...fieldsOf(event), kind, at, severity: severityOf(event), node, text })
}

/** A failure is told by its code; its words are in the text. */
function fieldsOf(event: Event): object {
  if (!('failure' in event) || event.failure === undefined) return event
  const { failure, ...fields } = event
  return { ...fields, code: failure.code }
}
