/** What is shown under a node that is not open: a table of what keeps it from it. */

import type { Fault } from '../../src/base/fault.js'
import type { Status } from './badge.js'
import { shared } from './words.js'

const keys: Readonly<Record<string, string>> = {
  DISK_FULL: 'status.disk-full',
  DISK_UNWRITABLE: 'status.disk-unwritable',
  DISK_STALLED: 'status.disk-unwritable',
  STORE_BUSY: 'status.store-busy',
  SETTINGS_INVALID: 'status.settings',
  EXPRESSION_FAILED: 'status.settings',
}

export function statusOfFault({ code }: Fault): Status {
  const key = shared(keys[code] ?? 'status.disk-unwritable')
  return { fill: 'red', shape: 'dot', key }
}
