/**
 * What is shipped beside the metrics: alert rules and scrape config before Debian's promtool, the
 * rules' unit tests, and the queries of the dashboard against the names that are exported.
 */

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { metrics } from '../../src/observe/metrics.js'
import { checkout } from '../../tools/common/user-dir.js'
import { textOf } from '../house/sources.js'
import { promtool } from '../world/prometheus.js'

interface Panel {
  readonly id: number
  readonly title: string
  readonly type: string
  readonly datasource?: { readonly uid: string }
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

interface Dashboard {
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: readonly {
      readonly name: string
      readonly type: string
      readonly query: unknown
    }[]
  }
}

const rules = 'resources/prometheus-rules.yml'

describe('the alert rules', () => {
  it('are what promtool takes for rules', async function () {
    const { isContent, text } = await promtool(this, checkout, 'check', 'rules', rules)
    should(isContent).equal(true, text)
  })

  it('fire on what they are for, and not before', async function () {
    const tests = 'test/resources/prometheus-rules.test.yml'
    const { isContent, text } = await promtool(this, checkout, 'test', 'rules', tests)
    should(isContent).equal(true, text)
  })

  it('are tested, each of them', () => {
    const alerts = [...textOf(rules).matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)
    const tests = textOf('test/resources/prometheus-rules.test.yml')
    should(alerts.length).equal(11)
    for (const alert of alerts) {
      const fires = new RegExp(`alertname: ${alert}\\s+exp_alerts:`)
      tests.should.match(fires)
    }
  })

  it('ask for what is exported', () => {
    for (const expr of textOf(rules).match(/resilience_\w+(\{[^}]*\})?/g) ?? []) isExported(expr)
  })
})

describe('the scrape config', () => {
  it('is what promtool takes for one, with the rules beside it', async function () {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-scrape-'))
    try {
      for (const name of ['prometheus.yml', 'prometheus-rules.yml']) {
        copyFileSync(join(checkout, 'resources', name), join(directory, name))
      }
      writeFileSync(join(directory, 'metrics-token'), 'secret')
      const { isContent, text } = await promtool(
        this,
        directory,
        'check',
        'config',
        'prometheus.yml',
      )
      should(isContent).equal(true, text)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})

describe('the dashboard', () => {
  const dashboard: Dashboard = JSON.parse(
    readFileSync(join(checkout, 'resources/grafana-dashboard.json'), 'utf8'),
  )
  const { panels, templating } = dashboard
  const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

  it('asks for what is exported, by labels that there are', () => {
    for (const expr of exprs) {
      for (const asked of expr.match(/resilience_\w+(\{[^}]*\})?/g) ?? []) isExported(asked)
    }
  })

  it('shows every metric', () => {
    const all = exprs.join('\n')
    metrics
      .filter(({ name }) => !all.includes(name))
      .map(({ name }) => name)
      .should.eql([])
  })

  it('asks in the language of Prometheus', async function () {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-dashboard-'))
    try {
      const records = exprs.map((expr, at) => {
        const filled = expr.replaceAll('$__rate_interval', '5m').replace(/\$\w+/g, '.*')
        return { record: `dashboard:${at}`, expr: filled }
      })
      const groups = [{ name: 'dashboard', rules: records }]
      writeFileSync(join(directory, 'rules.yml'), JSON.stringify({ groups }))
      const { isContent, text } = await promtool(this, directory, 'check', 'rules', 'rules.yml')
      should(isContent).equal(true, text)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

  it('lets the data source, the gateway and the node be chosen, and uses no other', () => {
    templating.list.map(({ name }) => name).should.eql(['datasource', 'job', 'instance', 'name'])
    for (const { type, datasource } of panels) {
      if (type !== 'row') should(datasource?.uid).match(/^\$\{datasource\}$/)
    }
    const known = new Set(['$__rate_interval', '$job', '$instance', '$name'])
    const used = new Set(exprs.flatMap((expr) => expr.match(/\$\w+/g) ?? []))
    should([...used].filter((name) => !known.has(name))).eql([])
  })

  it('names in a legend only labels that its query leaves', () => {
    const wrong = panels.flatMap(({ targets = [] }) =>
      targets.filter(({ expr, legendFormat }) => {
        const [, kept] = /\bby \(([^)]*)\)/.exec(expr) ?? []
        const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
        const left = kept?.split(', ') ?? ['instance', 'node', 'name', ...labelsOf(expr)]
        return labels.some((label) => !left.includes(label))
      }),
    )
    wrong.should.eql([])
  })

  it('has panels side by side, none upon another', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)}:${y + Math.floor(at / w)}`),
    )
    should(new Set(cells).size).equal(cells.length)
    should(new Set(panels.map(({ id }) => id)).size).equal(panels.length)
    for (const { gridPos } of panels) should(gridPos.x + gridPos.w).be.belowOrEqual(24)
  })
})

const metricOf = (name: string) =>
  metrics.find(
    (metric) =>
      metric.name === name ||
      (metric.type === 'histogram' &&
        ['_bucket', '_sum', '_count'].some((end) => `${metric.name}${end}` === name)),
  )

function labelsOf(expr: string): readonly string[] {
  const [name = ''] = /resilience_\w+/.exec(expr) ?? []
  return metricOf(name)?.labels ?? []
}

/** A name with its matchers: there is such a metric, and it has these labels. */
function isExported(asked: string): void {
  const [, name = '', inside = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(asked) ?? []
  const metric = metricOf(name)
  should(metric).not.equal(undefined, `${name} is not exported`)
  const labels = [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label)
  const known = ['job', 'instance', 'node', 'name', 'le', ...(metric?.labels ?? [])]
  should(labels.filter((label) => !known.includes(label ?? ''))).eql([], asked)
}
