/**
 * Dialog of the config node `resilience-store`. It names the fields and what checks them; what a
 * dialog does is common to all nodes.
 */

import type { StorePlace } from '../common/store-places.js'
import type { Form } from './resilience-store.settings.js'

const { valid } = Resilience

interface Answer {
  readonly items: readonly StorePlace[]
}

/** What the disk below the directory is like, as far as Node-RED can tell now. */
function showPlace(node: EditorNode): void {
  const field = Resilience.control(node, 'directory')
  const note = document.getElementById(`${field.id}-place`)
  const asked = field.value.trim()
  const show = ({ items }: Partial<Answer> = {}) => {
    const place = items?.find(({ store }) => (asked === '' ? store === '' : store === null))
    if (note === null || field.value.trim() !== asked) return
    note.textContent = place === undefined ? '' : wordsOf(node, place)
    if (asked === '' && place !== undefined) field.setAttribute('placeholder', place.directory)
  }
  const query = asked === '' ? '' : `?directory=${encodeURIComponent(asked)}`
  $.getJSON<Answer>(`resilience/stores${query}`).then(show, () => show())
}

function wordsOf(node: EditorNode, place: StorePlace): string {
  const { directory, filesystem, freeBytes, totalBytes, risk } = place
  if (freeBytes === null || totalBytes === null) return node._('place.silent')
  const values = { free: gigabytes(freeBytes), total: gigabytes(totalBytes), filesystem }
  const room = node._(filesystem === 'unknown' ? 'place.room' : 'place.known', values)
  const warning = `events.store.unsuitable.${risk}`
  return risk === null ? room : `${room} ${Resilience.say(warning, { directory, filesystem })}`
}

const gigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GB`

RED.nodes.registerType<Form>('resilience-store', {
  category: 'config',
  color: '#BFC8CC',
  icon: 'resilience-store.svg',
  defaults: {
    directory: { value: '', validate: valid.directory },
    durability: { value: 'each', validate: valid.durability },
    maxSize: { value: '256MB', validate: valid.maxSize },
    name: { value: '' },
    maxMessages: { value: '100000', validate: valid.maxMessages },
    maxAge: { value: '7d', validate: valid.maxAge },
    freeDisk: { value: '10%', validate: valid.freeDisk },
    overflow: { value: 'drop-oldest' },
    warnMessages: { value: '1000', validate: valid.warnMessages },
  },
  label() {
    return this.name || this.directory || this._('palette')
  },
  oneditprepare() {
    Resilience.prepare(this)
    $(Resilience.control(this, 'directory')).on('change', () => showPlace(this))
    showPlace(this)
  },
})
