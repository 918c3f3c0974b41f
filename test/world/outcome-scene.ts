/**
 * Scenarios of the outcome table as flows: each on a tab of its own, a source in front, chains of
 * nodes behind it. It builds JSON and names; what a scenario shall show stands beside it in the
 * table.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout, type Flow } from '../../tools/common/user-dir.js'
import type { ProbeForm } from './outcome-probe.js'
import { workers } from './outcome-workers.js'

export type Part = Readonly<Record<string, unknown>> & { readonly type: string }

export interface Scenario extends Partial<ProbeForm> {
  readonly name: string
  /** Chains behind the source, side by side. `$0.2` is the third node of the first. */
  readonly chains: readonly (readonly Part[])[]
  /** Chains that begin by themselves: Catch, Complete, link in. */
  readonly beside?: readonly (readonly Part[])[]
  /** As they are, with `$tab` for the tab's id: subflows. */
  readonly extra?: readonly object[]
}

export const part = (type: string, more: object = {}): Part => ({ type, ...more })
export const code = (func: string, more: object = {}): Part =>
  part('function', { func, outputs: 1, noerr: 0, initialize: '', finalize: '', libs: [], ...more })
export const mark = part('probe-mark')

/** The nodes of one scenario. Ids are letters and digits, as those of the editor. */
export function tabOf(
  { name, chains, beside = [], extra = [], ...form }: Scenario,
  key: string,
): Flow {
  const id = (chain: number, at: number) => `${key}c${chain}n${at}`
  const all = [...chains, ...beside]
  const source = {
    ...{ id: `${key}s`, type: 'probe-source', z: key, x: 100, y: 100, scenario: name, ...form },
    wires: [chains.map((_, chain) => id(chain, 0))],
  }
  const parts = all.flatMap((chain, c) =>
    chain.map((each, at) => {
      const next = at + 1 < chain.length ? [id(c, at + 1)] : []
      const outputs = Number(each['outputs'] ?? 1)
      const wires = Array.from({ length: outputs }, () => next)
      return { scenario: name, wires, x: 300, y: 100, ...each, id: id(c, at), z: key }
    }),
  )
  const text = JSON.stringify([{ id: key, type: 'tab', label: name }, source, ...parts, ...extra])
  const here = text.replaceAll('$tab', key)
  return JSON.parse(here.replace(/\$(\d+)\.(\d+)/g, (_, c, at) => id(Number(c), Number(at))))
}

export function flowOf(scenarios: readonly Scenario[]): Flow {
  return scenarios.flatMap((each, at) => tabOf(each, `t${at}`))
}

/** A package with the probes, for Node-RED to find; returns its directory. */
export function writeProbePackage(below: string): string {
  const directory = join(below, 'probes')
  mkdirSync(directory, { recursive: true })
  const types = ['source', 'retry', 'refuse', 'dlq', 'mark'].map((name) => `probe-${name}`)
  const manifest = {
    ...{ name: 'probes', version: '1.0.0' },
    'node-red': { nodes: { probes: 'probes.js' } },
  }
  const compiled = join(checkout, 'dist', 'test', 'world', 'outcome-probe.js')
  const html = [...types, ...Object.keys(workers)].map(
    (type) => `RED.nodes.registerType('${type}', { category: 'probes', defaults: {} })`,
  )
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  writeFileSync(
    join(directory, 'probes.js'),
    `module.exports = require(${JSON.stringify(compiled)}).probes\n`,
  )
  writeFileSync(join(directory, 'probes.html'), `<script>${html.join('\n')}</script>`)
  return directory
}
