/**
 * The scenario table of the outcome ledger, third-party manners and nodes of ours around others.
 * Where the end is told before the work is done, that is written here as it is: nothing in a
 * runtime shows it, and the dialog warns of it.
 */

import {
  catchAll,
  failed,
  gate,
  ok,
  type Row,
  row,
  rule,
  slow,
  three,
  timeout,
  wait,
  waiting,
} from './outcome-rows.js'
import { code, mark, type Part, part } from './outcome-scene.js'

/** Third-party manners, and what cannot be known. */
export const mannerRows: readonly Row[] = [
  row('legacy, sends at once', [part('legacy-sync'), mark], ok(2)),
  row('legacy, new object', [part('legacy-new'), mark], ok(2)),
  row('legacy, fails at once', [part('legacy-error'), mark], failed(1)),
  row('done later', [part('done-async'), mark], ok(2)),
  row('done later, new object', [part('done-new'), mark], ok(2)),
  row('fails later by done', [part('done-async-error'), mark], failed(1)),
  row('done, then done with an error', [part('done-then-error'), mark], failed(1)),
  row('error, then done', [part('error-then-done'), mark], failed(1)),
  row('error later, then done', [part('async-error-then-done'), mark], failed(1)),
  row('throws at once', [part('sync-throw'), mark], failed(1)),
  row('socket, done held', [part('socket-held'), mark], ok(2)),
  row('never done', [part('never-done'), mark], timeout(1, ['never-done'])),
  row('sends, never done', [part('send-never-done'), mark], timeout(2, ['send-never-done'], 1)),
  row('join that waits', [three, waiting], timeout(2, ['join'])),
  // Told too early.
  row('trigger', [part('trigger', trigger()), mark], ok(1, 0)),
  row('function with a timer', [code('setTimeout(() => node.send(msg), 150)'), mark], ok(1, 0)),
  row('legacy, sends later', [part('legacy-async'), mark], ok(1, 0)),
  row('legacy, fails later', [part('legacy-async-error'), mark], ok(1, 0)),
  row('done first, sends later', [part('done-first'), mark], ok(1, 0)),
  row('handler without parameters', [part('any-arity'), mark], ok(1, 0)),
  row('socket, done early', [part('socket-early'), mark], ok(1, 0)),
  row('tcp out, nobody there', [part('tcp out', { host: '127.0.0.1', port: '1', ...client() })], {
    ...ok(1, 0),
  }),
]

function trigger(): object {
  const ops = { op1: '1', op2: '0', op1type: 'nul', op2type: 'str' }
  return { ...ops, duration: '120', units: 'ms', extend: 'false', reset: '', bytopic: 'all' }
}
function client(): object {
  return { beserver: 'client', base64: false, end: true }
}

/** Our own nodes around others, and the other modes. */
export const modeRows: readonly Row[] = [
  row('retry: the second attempt is well', [part('probe-retry', { messages: 3 }), flaky(2), mark], {
    ...ok(1),
  }),
  row('retry gives up', [part('probe-retry', { messages: 2 }), code('throw new Error("x")')], {
    ...failed(1),
  }),
  row(
    'the outer time-out stands still',
    [part('probe-retry', { timeoutMs: 2_000 }), slow(900)],
    {
      ...{ ...ok(1, 0) },
    },
    { timeoutMs: 400 },
  ),
  row('refused inside, a branch behind it', [part('probe-refuse'), wait, mark], {
    ...failed(3, 1, 'QUEUE_FULL'),
  }),
  row(
    'a dead letter by Catch',
    [code('throw new Error("x")')],
    { ...failed(3), isHandedOver: true },
    {
      beside: [[catchAll, part('probe-dlq')]],
    },
  ),
  row('watch: the node behind a trigger', [part('trigger', trigger()), wait, mark], ok(3), {
    ...{ mode: 'watch', watch: ['$0.2'] },
  }),
  row(
    'watch: one of two, by a switch',
    [gate([rule('eq', '0', 'num'), rule('else', '', 'str')])],
    ok(2),
    {
      ...{ mode: 'watch', watch: ['$1.0', '$2.0'] },
      chains: [
        [
          {
            ...gate([rule('eq', '0', 'num'), rule('else', '', 'str')]),
            wires: [['$1.0'], ['$2.0']],
          },
        ],
      ],
      beside: [[mark], [mark]],
    },
  ),
  row('watch: errors elsewhere do not count', [mark], ok(2), {
    ...{ mode: 'watch', watch: ['$0.0'], chains: [[mark], [code('throw new Error("x")')]] },
  }),
  row('watch: an error there counts', [code('throw new Error("x")'), mark], failed(1), {
    ...{ mode: 'watch', watch: ['$0.0'] },
  }),
  row('watch: never reached', [gate([rule('eq', '99', 'num')]), mark], timeout(1, []), {
    ...{ mode: 'watch', watch: ['$0.1'] },
  }),
  row('watch: through a retry', [part('probe-retry', { messages: 3 }), flaky(2), mark], ok(1), {
    ...{ mode: 'watch', watch: ['$0.2'] },
  }),
  row('manual: ok', [answer('ok')], { outcome: 'ok', deliveries: 2 }, { mode: 'manual' }),
  row('manual: failed', [answer('failed')], failed(2), { mode: 'manual' }),
  row(
    'manual: ignored',
    [answer('ignored')],
    { outcome: 'ignored', deliveries: 2 },
    {
      mode: 'manual',
    },
  ),
  row('manual: no answer', [part('probe-mark')], timeout(1, [], 1), { mode: 'manual' }),
  row('released', [part('never-done')], { outcome: 'ok', deliveries: 1 }, { mode: 'released' }),
  row(
    'rule on a property',
    [code('msg.bad = true; return msg'), mark],
    failed(2, 1, 'RULE_MATCHED'),
    {
      failWhen: { is: 'msg', text: 'bad' },
    },
  ),
  row('rule by expression', [code('msg.v = 7; return msg'), mark], failed(2, 1, 'RULE_MATCHED'), {
    failWhen: { is: 'jsonata', text: 'v > 5' },
  }),
  row('rule that does not hold', [code('msg.v = 3; return msg'), mark], ok(2), {
    failWhen: { is: 'jsonata', text: 'v > 5' },
  }),
]

function flaky(until: number): Part {
  return code(`if (msg.attempt < ${until}) throw new Error('x'); return msg`)
}
/** Sends the message back to its source with an outcome. */
function answer(outcome: string): Part {
  const func = `msg.resilience.outcome = '${outcome}'; return msg`
  return { ...code(func), wires: [['$tabs']] }
}
