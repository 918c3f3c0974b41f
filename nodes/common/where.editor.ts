/**
 * Validators for where messages are kept and whose turn it is: stores, their directories, and the
 * priority of a queue. They look at other nodes of the workspace, and at no disk.
 */

import type { StorageForm } from './storage.js'

/** What is chosen here by id. */
type Chosen = keyof Pick<StorageForm, 'store'>

const { grammar, address, say } = Resilience

/** Absent, empty, or a variable that is read when the flow starts. */
function isOpen(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return grammar.environmentName(value) !== undefined
}

const store: Validate = (value, _options) => {
  if (isOpen(value)) return true
  const found = RED.nodes.node(String(value))
  if (!found) return say('write.storeGone')
  return found.valid === false ? say('write.storeSettings') : true
}

const storeType: `resilience-${Chosen}` = 'resilience-store'

const directory: Validate = function (value, _options) {
  if (isOpen(value)) return true
  if (!address.isDirectory(String(value))) return say('write.directory')
  const found: EditorNode[] = []
  RED.nodes.eachConfig((other) => {
    const isOther = other.type === storeType && other.id !== this.id
    if (isOther && plain(Reflect.get(other, 'directory')) === plain(value)) found.push(other)
  })
  const [same] = found
  return same === undefined ? true : say('write.directoryTaken', { name: same.name || same.id })
}

/** Without what makes no difference. */
const plain = (path: unknown): string => String(path ?? '').replace(/[\\/]+$/, '')

/** A property or an expression, where one of them is chosen. */
const priority: Validate = function (value, _options) {
  const type = Resilience.now(this, 'priorityType') ?? 'none'
  const isFilled = type === 'none' || value === undefined || String(value).trim() !== ''
  return isFilled ? true : say('write.property')
}

Object.assign(Resilience.valid, { store, directory, priority })
