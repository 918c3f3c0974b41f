/**
 * The scenario table of the outcome ledger, core nodes: what flows do, and how their messages must
 * end. All of these are told right.
 */

import {
  catchAll,
  change,
  delay,
  failed,
  type Ground,
  gate,
  join,
  ok,
  type Row,
  request,
  row,
  rule,
  slow,
  split,
  three,
  wait,
  waitNew,
} from './outcome-rows.js'
import { code, mark, type Part, part } from './outcome-scene.js'

/** Functions and the nodes that change a message. */
export const plainRows: readonly Row[] = [
  row('nothing wired', [], ok(0, 0), { chains: [] }),
  row('function, same object', [code('return msg'), mark], ok(2)),
  row('function, new object', [code('return { payload: 1 }'), mark], ok(2)),
  row('function, node.send clones', [code('node.send(msg)'), mark], ok(2)),
  row('function, awaits', [wait, mark], ok(2)),
  row('function, awaits, new object', [waitNew, mark], ok(2)),
  row(
    'function, its own node.done later',
    [code('setTimeout(() => { node.send(msg); node.done() }, 60)', { outputs: 1 }), mark],
    ok(2),
  ),
  row('function throws', [code('throw new Error("x")'), mark], failed(1)),
  row('function, node.error and return', [code('node.error("x", msg); return msg'), mark], {
    ...failed(2, 1),
  }),
  row('change, template, range', [change, ...shapers(), mark], ok(4)),
  row('switch matches', [gate([rule('gte', '0', 'num')]), mark], ok(2)),
  row('switch, no rule matches', [gate([rule('eq', '99', 'num')]), mark], ok(1, 0)),
  row('switch, jsonata', [gate([rule('jsonata_exp', 'payload = 0', 'jsonata')]), mark], ok(2)),
  row('json, parse error', [code('msg.payload = "{"; return msg'), part('json'), mark], failed(2)),
  row('csv', [code('msg.payload = "a,b\\n1,2"; return msg'), csv(), mark], ok(3)),
  row('rbe blocks', [rbe(), mark], ok(2, 1)),
  row('debug', [part('debug', { active: false, console: false }), mark], ok(1, 0)),
]

function shapers(): Part[] {
  const template = part('template', { field: 'y', fieldType: 'msg', format: 'handlebars' })
  return [
    { ...template, syntax: 'mustache', template: 'a{{payload}}', output: 'str' },
    part('range', { minin: '0', maxin: '9', minout: '0', maxout: '90', action: 'scale' }),
  ]
}
function csv(): Part {
  return part('csv', { sep: ',', hdrin: true, hdrout: 'none', multi: 'one', ret: '\\n', temp: '' })
}
function rbe(): Part {
  return part('rbe', { func: 'rbe', property: 'payload', topi: 'topic', septopics: true })
}

/** Queues, groups, links, subflows, loops. */
export const shapeRows: readonly Row[] = [
  row('delay', [delay('delay'), mark], ok(2)),
  row('delay, random', [delay('random'), mark], ok(2)),
  row('delay, rate', [delay('rate'), mark], ok(2, 4), { messages: 4 }),
  row('delay, rate, drops', [delay('rate', { drop: true }), mark], ok(2, 1)),
  row('split, async, join', [three, split, wait, join, mark], ok(9)),
  row('split, async new object', [three, split, waitNew, mark], ok(8, 3)),
  row('junction', [part('junction'), mark], ok(2)),
  row('link out and in', [part('link out', { mode: 'link', links: ['$1.0'] })], ok(3), {
    beside: [[part('link in', { links: ['$0.0'] }), mark]],
  }),
  row('link call and return', [part('link call', { links: ['$1.0'], timeout: '1' }), mark], ok(5), {
    beside: [[part('link in', { links: [] }), wait, part('link out', { mode: 'return' })]],
  }),
  row(
    'link call, callee fails',
    [part('link call', { links: ['$1.0'], timeout: '0.3' }), mark],
    {
      ...failed(3),
    },
    { beside: [[part('link in', { links: [] }), code('throw new Error("x")')]] },
  ),
  row('subflow', [part('subflow:$tabsub'), mark], ok(3), { extra: subflow('return msg') }),
  row('subflow fails inside', [part('subflow:$tabsub'), mark], failed(2), {
    extra: subflow('throw new Error("x")'),
  }),
  row(
    'three rounds through a switch',
    [code('msg.i = (msg.i ?? 0) + 1; return msg'), again(), mark],
    {
      ...ok(7),
    },
  ),
  {
    name: 'fan-out of five, the slowest fails',
    chains: [
      ...[10, 20, 30, 40].map((ms) => [slow(ms), mark]),
      [code('await new Promise((go) => setTimeout(go, 120)); throw new Error("x")')],
    ],
    ends: failed(9, 4),
  },
  row('catch with an async branch', [code('throw new Error("x")')], failed(4, 1), {
    beside: [[catchAll, wait, mark]],
  }),
  row('complete with an async branch', [code('return msg')], ok(4), {
    beside: [[part('complete', { scope: ['$0.0'], uncaught: false }), wait, mark]],
  }),
  row('the same object twice at one node', [code('node.send([[msg, msg]])'), wait, mark], ok(5, 2)),
]

function again(): Part {
  const rules = [rule('lt', '3', 'num'), rule('else', '', 'str')]
  return { ...gate(rules, 'i'), wires: [['$0.0'], ['$0.2']] }
}
function subflow(func: string): object[] {
  const id = '$tabsub'
  return [
    {
      ...{ id, type: 'subflow', name: 'sub', info: '', in: [{ wires: [{ id: '$tabinner' }] }] },
      out: [{ wires: [{ id: '$tabinner', port: 0 }] }],
    },
    { ...code(func), id: '$tabinner', z: id, x: 100, y: 100, wires: [[]] },
  ]
}

/** Nodes that reach outside. */
export const outsideRows = ({ http, refusedPort, directory }: Ground): readonly Row[] => [
  row('http request 200', [request(`${http}/200`), mark], ok(2)),
  row('http request 404, no rule', [request(`${http}/404`), mark], ok(2)),
  row('http request 404', [request(`${http}/404`), mark], failed(2, 1, 'HTTP_STATUS'), rules()),
  row('http request 503, nothing behind', [request(`${http}/503`)], failed(1, 0, 'HTTP_STATUS'), {
    ...rules(),
  }),
  row('http request refused', [request(`http://127.0.0.1:${refusedPort}`), mark], failed(2, 1)),
  row('http request refused, caught', [request(`http://127.0.0.1:${refusedPort}`)], failed(4, 1), {
    beside: [[catchAll, wait, mark]],
  }),
  row('status of before the release', [mark, change], ok(2), rules()),
  row('file', [file(`${directory}/out.txt`), mark], ok(2)),
  row('file, no such directory', [file(`${directory}/none/out.txt`), mark], failed(2, 1)),
  row(
    'file in, none there',
    [part('file in', { filename: `${directory}/none`, ...path() }), mark],
    {
      ...failed(2, 1),
    },
  ),
  row(
    'exec',
    [part('exec', { command: 'true', addpay: '', useSpawn: 'false', outputs: 3 }), mark],
    {
      ...ok(3, 2),
    },
  ),
  row('tcp request refused', [tcp(refusedPort), mark], failed(1)),
  row(
    'udp out',
    [part('udp out', { addr: '127.0.0.1', port: refusedPort, outport: '' })],
    ok(1, 0),
  ),
]

function rules(): object {
  return { failStatus: [{ from: 400, to: 599 }] }
}
function path(): object {
  return { filenameType: 'str', format: 'utf8' }
}
function file(filename: string): Part {
  return part('file', { filename, ...path(), createDir: false, overwriteFile: 'false' })
}
function tcp(port: number): Part {
  return part('tcp request', { server: '127.0.0.1', port: String(port), out: 'time', splitc: '0' })
}
