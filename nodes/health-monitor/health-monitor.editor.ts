/**
 * Palette entry and dialog of `health-monitor`. It names the fields and what checks them, shows
 * only what the checks of the list need, and marks the place in the list that is wrong; what a
 * dialog does is common to all nodes.
 */

import type { CheckKind } from '../common/checks.js'
import type { Credentials, Form } from './health-monitor.settings.js'

const { address, checkRows, grammar, valid } = Resilience

RED.nodes.registerType<Form, Credentials>('health-monitor', {
  ...Resilience.head({
    color: '#A7C4D4',
    icon: 'health-monitor.svg',
    outputs: ['changed', 'every'],
  }),
  defaults: {
    probes: { value: [{ kind: 'http' }], validate: valid.checkList },
    interval: { value: '30s', validate: valid.interval },
    name: { value: '' },
    publicHealth: { value: 'off' },
    slowAfter: { value: '1s', validate: valid.slowAfter },
    downAfter: { value: '3', validate: valid.downAfter },
    upAfter: { value: '2', validate: valid.upAfter },
    countsForReady: { value: true },
    broker: {
      value: '',
      type: 'resilient-mqtt-broker',
      required: false,
      validate: valid.checkBroker,
    },
    tls: { value: '', type: 'tls-config', required: false },
    watchNodes: { value: [], type: '*[]', validate: valid.checkNodes },
    acceptTarget: { value: false },
  },
  credentials: {
    authorization: { type: 'password' },
  },
  oneditprepare() {
    Resilience.prepare(this)
    Resilience.prepareWatch(this)
    const list = Resilience.control(this, 'probes')
    const needs = (kinds: readonly CheckKind[], targets: readonly string[]) => {
      const isShown = (value: string) => kinds.some((kind) => hasKind(value, kind))
      Resilience.showWhen(this, 'probes', isShown, targets)
    }
    needs(['mqtt'], ['broker'])
    needs(['http', 'grpc', 'websocket'], ['tls'])
    needs(['http', 'websocket'], ['authorization'])
    needs(['nodes'], ['#resilience-health-watch'])
    needs(['http', 'tcp', 'grpc', 'websocket'], ['acceptTarget'])
    needs(['mqtt', 'http', 'grpc', 'websocket', 'nodes', 'tcp'], ['#resilience-health-used'])
    Resilience.showWhen(this, 'publicHealth', (value) => value !== 'off', ['countsForReady'])
    const look = () => {
      mark(list)
      askForNodes(this, list)
    }
    $(list).on('change', look)
    look()
  },
  oneditsave() {
    Resilience.save(this)
    this.watchNodes = Resilience.watchedNodes(this)
  },
})

const hasKind = (value: string, kind: CheckKind): boolean =>
  checkRows.hasKind(JSON.parse(value || '[]'), kind)

/** The tree is no field of the form: its section opens here when nodes are missing. */
function askForNodes(node: EditorNode, { value }: Control): void {
  const section = document.getElementById('resilience-health-used')
  $('#node-input-watchNodes-tree').trigger('treelistselect')
  const isMissing = hasKind(value, 'nodes') && Resilience.watchedNodes(node).length === 0
  if (isMissing && section instanceof HTMLDetailsElement) section.open = true
}

/** The control of the list that the words below it are about. */
function mark({ id, value }: Control): void {
  const found = checkRows.checkRows(JSON.parse(value || '[]'), { grammar, address })
  const items = [...document.querySelectorAll<HTMLElement>(`#${id}-list li`)]
  for (const [row, item] of items.entries()) {
    for (const control of item.querySelectorAll<Control>('[data-name]')) {
      const isIt = !found.ok && found.row === row && found.field === control.dataset['name']
      const isWrong = isIt && found.advice !== 'environment'
      control.classList.toggle('input-error', isWrong)
      control.toggleAttribute('data-wrong', isWrong)
      const more = control.closest('details')
      if (isWrong && more !== null) more.open = true
      control.setAttribute('aria-invalid', String(isWrong))
    }
  }
}
