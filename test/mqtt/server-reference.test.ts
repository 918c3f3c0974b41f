/** Where a broker sends its clients, as brokers write it. */

import should from 'should'
import { serverFrom } from '../../src/mqtt/server-reference.js'
import { hostPort, type Server } from '../../src/mqtt/wire.js'

const here: Server = { scheme: 'wss', host: 'a', port: 443, path: '/mqtt' }

describe('server reference', () => {
  const rows: ReadonlyArray<readonly [string, string]> = [
    ['plant.example', 'plant.example:443'],
    ['Plant.Example:8883', 'plant.example:8883'],
    ['10.0.0.7:1883 10.0.0.8:1883', '10.0.0.7:1883'],
    [' 10.0.0.7 ', '10.0.0.7:443'],
    ['[2001:db8::1]', '[2001:db8::1]:443'],
    ['[2001:DB8::1]:1884', '[2001:db8::1]:1884'],
  ]
  for (const [text, name] of rows) {
    it(`\`${text}\` leads to ${name}, the same way as before`, () => {
      const found = serverFrom(text, here)
      should(found).containEql({ scheme: 'wss', path: '/mqtt' })
      should(found && hostPort(found)).equal(name)
    })
  }

  for (const text of ['', ' ', 'a:', 'a:0', 'a:70000', 'http://a', '2001:db8::1', 'a/b']) {
    it(`\`${text}\` leads nowhere`, () => {
      should(serverFrom(text, here)).equal(undefined)
    })
  }
})
