/** Events of the engine as lines in the log of the node that they happened to. */

import { type Emit, severityOf } from '../../src/base/event.js'
import type { FlowNode, NodeRed } from './node-red.js'
import { eventText } from './words.js'

/** Events of one node as lines of its log. */
export function logged(RED: NodeRed, node: FlowNode): Emit {
  return (event) => {
    const text = eventText(RED, event)
    const severity = severityOf(event)
    if (severity === 'error') node.error(text)
    else if (severity === 'warning') node.warn(text)
    else node.log(text)
  }
}
