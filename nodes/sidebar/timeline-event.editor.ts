/**
 * One event in the timeline: a line with its moment, its sign and its words; below it, when a
 * person opens it, its fields, and for a breaker that opened the calls that made it open. Built
 * once: what has happened does not change.
 */

import type { BreakerReport } from './overview-rows.js'
import type { ToldEvent, ToldWhatIf } from './told-events.js'

const { element, word } = Resilience.sidebar

let eventsMade = 0

const timelineEvent: SidebarParts['timelineEvent'] = (host, event) => {
  eventsMade += 1
  const id = `resilience-event-${eventsMade}`
  const { node, severity, text } = event
  const detail = element('div', { class: 'resilience-detail', id, hidden: true })
  const open = element(
    'button',
    { type: 'button', class: 'resilience-open', 'aria-expanded': 'false', 'aria-controls': id },
    moment(event.at),
    element(
      'span',
      { class: 'resilience-sign', 'aria-hidden': 'true' },
      Resilience.toldEvents.eventSigns[severity],
    ),
    element('span', { class: 'resilience-read' }, word(`severity.${severity}`)),
    element(
      'span',
      { class: 'resilience-told' },
      element('b', {}, Resilience.sidebar.nameOf(node)),
      ` ${text}`,
    ),
  )
  open.addEventListener('click', () => {
    detail.hidden = !detail.hidden
    open.setAttribute('aria-expanded', String(!detail.hidden))
    if (detail.childElementCount === 0) detail.append(...partsOf(host, event))
  })
  return element(
    'li',
    { class: 'resilience-item', 'data-severity': severity, 'data-kind': event.kind },
    element('div', { class: 'resilience-line' }, open),
    detail,
  )
}

function moment(at: number): HTMLElement {
  const { clockText, momentText } = Resilience.sidebar.texts
  const datetime = new Date(at).toISOString()
  const whole = { class: 'resilience-time', datetime, title: momentText(at) }
  return element('time', whole, clockText(at))
}

function partsOf(host: SidebarHost, event: ToldEvent): readonly HTMLElement[] {
  const { node, at } = event
  const { momentText } = Resilience.sidebar.texts
  const fields = Resilience.toldEvents.fieldsOf(event)
  const names = fields.flatMap(([name, value]) => [
    element('dt', {}, name),
    element('dd', {}, valueText(name, value)),
  ])
  const place = element('p', {}, `${momentText(at)} · ${node.flow}`)
  const reveal = element(
    'button',
    { type: 'button', class: 'resilience-button', click: () => host.reveal(node.id) },
    word('reveal'),
  )
  const list = element('dl', { class: 'resilience-figures' }, ...names)
  return [place, ...storyOf(host, event), list, reveal]
}

/** Names end in what they are: a moment, a span. */
function valueText(name: string, value: string | number): string {
  if (typeof value === 'string') return value
  if (name.endsWith('At')) return Resilience.sidebar.texts.momentText(value)
  if (name.endsWith('Ms')) return Resilience.sidebar.texts.spanText(value)
  if (name === 'bytes' || name === 'free') return Resilience.sidebar.texts.sizeText(value)
  return Resilience.sidebar.texts.exactText(value)
}

function storyOf(host: SidebarHost, event: ToldEvent): readonly HTMLElement[] {
  const calls = Resilience.toldEvents.callsIn(event)
  if (calls.length === 0) return []
  const place = element('div', {}, Resilience.sidebar.story({ calls, whatIf: [] }))
  // What would have been is worked out anew by whoever has the rules, while it still knows.
  whatIfOf(host, event).then(
    (whatIf) => place.replaceChildren(Resilience.sidebar.story({ calls, whatIf })),
    (refusal: unknown) => host.sayRefusal(refusal),
  )
  return [place]
}

/** Two clocks are read for one moment. */
const sameMomentMs = 2_000

async function whatIfOf(host: SidebarHost, event: ToldEvent): Promise<readonly ToldWhatIf[]> {
  try {
    const path = `nodes/${encodeURIComponent(event.node.id)}`
    const { report } = await host.get<{ report: unknown }>(path)
    const breakers: readonly BreakerReport[] = Array.isArray(report) ? report : []
    const found = breakers.find(({ key }) => key === (event['key'] ?? ''))?.lastOpened
    const isIt = found !== undefined && Math.abs(found.at - event.at) < sameMomentMs
    return isIt ? found.whatIf : []
  } catch (refusal) {
    // The node is gone; its event stays.
    if (Reflect.get(Object(refusal), 'status') === 404) return []
    throw refusal
  }
}

Object.assign(Resilience.sidebar, { timelineEvent })
