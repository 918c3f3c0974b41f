/**
 * Dialog of `resilient-mqtt-broker`. It names the fields and what checks them, and shows the
 * certificates only where a server is reached over TLS; the rest is common to all nodes.
 */

import type { Credentials, Form } from './resilient-mqtt-broker.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form, Credentials>('resilient-mqtt-broker', {
  category: 'config',
  color: '#BFC8CC',
  icon: 'resilient-mqtt-broker.svg',
  defaults: {
    servers: { value: '', validate: valid.servers },
    name: { value: '' },
    tls: { value: '', type: 'tls-config', required: false },
    clientId: { value: '', validate: valid.clientId },
    protocolVersion: { value: 'auto' },
    keepalive: { value: '15s', validate: valid.keepalive },
    connectTimeout: { value: '10s', validate: valid.connectTimeout },
    ackTimeout: { value: '15s', validate: valid.ackTimeout },
    backoffInitial: { value: '1s', validate: valid.backoffInitial },
    backoffFactor: { value: '2', validate: valid.backoffFactor },
    backoffMax: { value: '60s', validate: valid.backoffMax },
    backoffJitter: { value: '50%', validate: valid.backoffJitter },
    attempts: { value: 'unlimited', validate: valid.attempts },
    returnToFirst: { value: true },
    maxInFlight: { value: '20', validate: valid.maxInFlight },
    connections: { value: '1' },
    rateLimit: { value: 'unlimited', validate: valid.rateLimit },
    birthMessages: { value: [], validate: valid.announcements },
    closeMessages: { value: [], validate: valid.announcements },
    willMessage: { value: null, validate: valid.oneAnnouncement },
  },
  credentials: {
    username: { type: 'text' },
    password: { type: 'password' },
  },
  label() {
    return this.name || this.servers || this._('palette')
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : ''
  },
  oneditprepare() {
    Resilience.prepare(this)
    const servers = Resilience.control(this, 'servers')
    const security = document.getElementById('resilience-broker-security')
    const back = document.getElementById('resilience-broker-return')
    if (!(security instanceof HTMLDetailsElement)) return
    const show = () => {
      const isSecure = needsCertificates(servers.value)
      if (isSecure && security.hidden) security.open = true
      security.hidden = !isSecure
      back?.toggleAttribute('hidden', !mayHaveSeveral(servers.value))
    }
    security.hidden = true
    $(servers).on('change input', show)
    show()
  },
  oneditsave() {
    Resilience.save(this)
  },
})

/** To which one a connection goes back, where there are several. */
function mayHaveSeveral(servers: string): boolean {
  if (Resilience.grammar.environmentName(servers) !== undefined) return true
  return (Resilience.address.servers(servers)?.length ?? 0) > 1
}

/** Also while nobody can know: what a variable holds is seen when the flow starts. */
function needsCertificates(servers: string): boolean {
  if (Resilience.grammar.environmentName(servers) !== undefined) return true
  return Resilience.address.servers(servers)?.some(Resilience.address.isSecure) ?? false
}
