/** PUBLISH exchanges past the library: one piece per turn, one answer each, ids in common. */

import { createServer, type Server, type Socket } from 'node:net'
import should from 'should'
import { ms } from '../../src/base/units.js'
import { Publishing } from '../../src/mqtt/publishing.js'
import { connect } from '../../src/mqtt/transport.js'
import type { Packet, QoS } from '../../src/mqtt/wire.js'
import { Arrivals } from '../world/arrivals.js'
import { PlayedSocket } from '../world/played-socket.js'
import { turns } from './dial.js'

const packetOf = (payload: string, qos: QoS): Packet => ({
  topic: 't',
  payload,
  qos,
  retain: false,
})

describe('publishing', () => {
  let socket: PlayedSocket
  let publishing: Publishing
  let log: string[]
  beforeEach(() => {
    log = []
    socket = new PlayedSocket()
    publishing = new Publishing(4, () => log.push('heard'))
    publishing.writeTo(socket)
  })
  const publish = (payload: string, qos: QoS) =>
    publishing.publish(packetOf(payload, qos), (code, reason) =>
      log.push(`${payload} ${code} ${reason ?? ''}`.trim()),
    )

  it('writes all of one turn as one piece, and counts it until it is taken', async () => {
    socket.isSlow = true
    for (const payload of ['a', 'b']) publish(payload, 1)
    publishing.bufferedBytes.should.equal(16)
    await turns(1)
    should([socket.written.length, publishing.bufferedBytes]).eql([1, 16])
    socket.bytes.toString('hex').should.equal('320600017400016132060001740002' + '62')
    socket.taken()
    await turns(1)
    publishing.bufferedBytes.should.equal(0)
  })

  it('tells the plain acknowledgements of a chunk, and then once that there were some', async () => {
    for (const payload of ['a', 'b', 'c']) publish(payload, 1)
    const rest = publishing.takeFrom(Buffer.from([0x40, 2, 0, 1, 0xd0, 0, 0x40, 2, 0, 2]))
    should([...rest]).eql([0xd0, 0])
    log.should.eql(['a 0', 'b 0', 'heard'])
    publishing.takeFrom(Buffer.from([0xd0, 0])).length.should.equal(2)
    publishing.takeFrom(Buffer.from([0x40, 2, 0, 1])).length.should.equal(4)
    log.should.eql(['a 0', 'b 0', 'heard'])
  })

  it('leaves a refusal to the general parser, and tells what that made of it', () => {
    publish('a', 1)
    publishing.takeFrom(Buffer.from([0x40, 3, 0, 1, 0x87])).length.should.equal(5)
    log.should.eql([])
    publishing.hear({ is: 'puback', id: 1, code: 0x87, reason: 'no' })
    publishing.hear({ is: 'puback', id: 1, code: 0, reason: undefined })
    log.should.eql(['a 135 no'])
  })

  it('takes QoS 2 through both of its answers, each of the right kind', async () => {
    publish('a', 2)
    publish('b', 1)
    await turns(1)
    socket.written.length = 0
    publishing.takeFrom(Buffer.from([0x40, 2, 0, 1])).length.should.equal(4)
    for (const is of ['puback', 'pubrec'] as const) {
      publishing.hear({ is, id: 1, code: 0, reason: undefined })
    }
    publishing.hear({ is: 'pubrec', id: 2, code: 0, reason: undefined })
    await turns(1)
    should([log, socket.bytes.toString('hex')]).eql([[], '62020001'])
    publishing.hear({ is: 'pubcomp', id: 1, code: 0, reason: undefined })
    log.should.eql(['a 0'])
  })

  it('ends QoS 2 with a PUBREC that refuses', () => {
    publish('a', 2)
    publishing.hear({ is: 'pubrec', id: 1, code: 0x97, reason: undefined })
    publishing.hear({ is: 'pubcomp', id: 1, code: 0, reason: undefined })
    log.should.eql(['a 151'])
  })

  it('tells QoS 0 when the socket has taken it', async () => {
    socket.isSlow = true
    publish('a', 0)
    await turns(2)
    log.should.eql([])
    socket.taken()
    await turns(1)
    log.should.eql(['a 0'])
  })

  it('does not tell QoS 0 that the socket refused, nor write when that is gone', async () => {
    socket.isSlow = true
    socket.on('error', () => {})
    publish('a', 0)
    await turns(1)
    socket.taken(new Error('EPIPE'))
    await turns(2)
    publish('b', 0)
    await turns(2)
    should([log, socket.written.length]).eql([[], 1])
  })

  it('never takes the acknowledgement of an id that is lent', () => {
    const id = publishing.lentIds.allocate()
    publish('a', 1)
    publishing.takeFrom(Buffer.from([0x40, 2, 0, id])).length.should.equal(4)
    publishing.hear({ is: 'puback', id, code: 0, reason: undefined })
    log.should.eql([])
  })
})

describe('publishing beside an echo on one connection', () => {
  const heard = new Arrivals<Buffer>()
  let server: Server
  let peer: Socket
  before(async () => {
    server = createServer((socket) => {
      peer = socket
      let rest = Buffer.alloc(0)
      socket.on('error', () => {})
      socket.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk])
        // No packet here is as long as two bytes of length.
        for (let end = 2 + (rest[1] ?? 0); rest.length > 1 && rest.length >= end; ) {
          heard.add(rest.subarray(0, end))
          rest = rest.subarray(end)
          end = 2 + (rest[1] ?? 0)
        }
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  after(() => new Promise((resolve) => server.close(resolve)))

  it('uses no id twice, and says goodbye although nothing was answered', async () => {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const connected = new Arrivals<unknown>()
    const transport = connect(
      {
        server: { scheme: 'mqtt', host: '127.0.0.1', port, path: '' },
        ...{ protocolVersion: 4, clientId: 'c', keepalive: ms(15_000), connectTimeout: ms(5_000) },
      },
      { connected: (session) => connected.add(session), ended: () => {} },
    )
    await heard.first(1)
    peer.write(Buffer.from([0x20, 2, 0, 0]))
    await connected.first(1)
    const publish = (payload: string) => transport.publish(packetOf(payload, 1), () => {})
    publish('a')
    publish('b')
    const echo = transport.echo('e', 'x')
    echo.answer.catch(() => {})
    publish('c')
    const [, ...packets] = await heard.first(5)
    const closed = transport.close()
    const last = await heard.nth(5)
    peer.end()
    await closed
    // A PUBLISH of QoS 1 has its id behind a topic of one letter.
    const ids = packets.map((bytes) => [bytes[0], bytes.readUInt16BE(bytes[0] === 0x82 ? 2 : 5)])
    ids.sort(([, one = 0], [, other = 0]) => one - other)
    should(ids.map(([, id]) => id)).eql([1, 2, 3, 4])
    should(ids.filter(([type]) => type === 0x82).length).equal(1)
    should(last[0]).equal(0xe0)
  })
})
