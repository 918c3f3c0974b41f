/**
 * A text sent to the broker and back over a connection that stands: subscribes, publishes, and
 * hears. It uses no packet of anybody else, leaves no subscription behind, and has no time-out.
 */

import { Fault } from '../base/fault.js'
import type { Exchange } from '../base/ports.js'

/** The slice of the client that it needs. */
export interface EchoClient {
  on(event: 'message', heard: (topic: string, payload: Uint8Array) => void): unknown
  off(event: 'message', heard: (topic: string, payload: Uint8Array) => void): unknown
  subscribe(topic: string, options: { qos: 0 }, told: (error: unknown) => void): unknown
  unsubscribe(topic: string, told: () => void): unknown
  publish(topic: string, payload: string, options: { qos: 0 }): unknown
}

/** Rejects with NOT_AUTHORISED where the broker lets nobody subscribe there. */
export function echoOver(client: EchoClient, topic: string, text: string): Exchange<void> {
  let isOver = false
  let over = () => {}
  const answer = new Promise<void>((resolve, reject) => {
    const heard = (on: string, payload: Uint8Array) => {
      // The topic may be shared with other gateways: only this very text counts.
      if (on !== topic || isOver || Buffer.from(payload).toString() !== text) return
      over()
      resolve()
    }
    over = () => {
      if (isOver) return
      isOver = true
      client.off('message', heard)
      client.unsubscribe(topic, () => {})
    }
    client.on('message', heard)
    client.subscribe(topic, { qos: 0 }, (error) => {
      if (isOver) return
      if (!error) {
        client.publish(topic, text, { qos: 0 })
        return
      }
      over()
      reject(new Fault('NOT_AUTHORISED', { topic }, error))
    })
  })
  return { answer, stop: () => over() }
}

/** Over no connection. */
export function noEcho(): Exchange<void> {
  const error = Object.assign(new Error('not connected'), { code: 'ECONNRESET' })
  return { answer: Promise.reject(error), stop: () => {} }
}
