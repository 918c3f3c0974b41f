/**
 * The flow of a queue with lanes before a function that works for a moment on each message. A
 * deploy of each type changes it.
 */

import type { Flow } from '../../tools/common/user-dir.js'
import { lanes, report, sceneFlow } from './queue-scene.js'

/** `queue`: fields of the node, besides those for lanes. */
export const livesFlow =
  (queue: object = {}) =>
  (version: number): Flow =>
    sceneFlow({
      key: 'lives',
      queue: {
        ...{ key: 'lane', keyType: 'msg', maxInFlight: String(lanes), name: `v${version >> 1}` },
        ...queue,
      },
      work: [
        {
          ...{ id: 'lives-work', type: 'function', outputs: 1, name: `v${version}` },
          func: `${report('lives')}await new Promise((done) => setTimeout(done, 2))\nreturn msg`,
        },
        { id: 'lives-end', type: 'function', outputs: 1, func: 'return msg' },
      ],
    })
