/** When the orders to pause and to resume a queue take effect, while the disk takes its time. */

import 'should'
import { Order } from '../../nodes/common/commands.js'
import { type QueueCommandsHost, queueCommands } from '../../nodes/common/queue-commands.js'

describe('the order', () => {
  it('to pause holds what comes right behind it, before it is remembered', () => {
    ordered('pause').should.eql([true])
  })

  it('to resume lets nothing go before it is remembered', () => {
    ordered('resume').should.eql([])
  })
})

/** What the room was told so far, when the state is never written. */
function ordered(command: string): readonly boolean[] {
  const told: boolean[] = []
  const host = {
    state: { write: () => new Promise<void>(() => {}) },
    pause: (isPaused: boolean) => told.push(isPaused),
  }
  // Of a host, these two orders touch no more.
  const commands = queueCommands(host as unknown as QueueCommandsHost)
  commands[command]?.(new Order(command, {}))
  return told
}
