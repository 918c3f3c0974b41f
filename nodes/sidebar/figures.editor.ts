/**
 * Words, figures and small drawings that overview and timeline share. What they say is worked out
 * elsewhere; here it becomes elements.
 */

import type { RowPlot, Said } from './overview-rows.js'
import type { ToldCall, ToldWhatIf } from './told-events.js'

const svgNamespace = 'http://www.w3.org/2000/svg'
const plotSize = { width: 100, height: 16 }

const said = ({ key, values }: Said): string => Resilience.sidebar.word(key, values)

/** Words of a figure are `name|value`: what it is called, and what it is. */
function figures(all: readonly Said[]): HTMLElement {
  const { element } = Resilience.sidebar
  const parts = all.flatMap((each) => {
    const [name = '', value = ''] = said(each).split('|')
    return [element('dt', {}, name), element('dd', {}, value)]
  })
  return element('dl', { class: 'resilience-figures' }, ...parts)
}

/** Waiting as an area, what gets done as a line, each on a scale of its own. */
function plot(points: RowPlot | null): HTMLElement {
  const { element } = Resilience.sidebar
  const { areaPath, linePath } = Resilience.plot
  const { waiting, rate, everyMs } = points ?? { waiting: [], rate: [], everyMs: 0 }
  const paths = [areaPath(waiting, plotSize), linePath(rate, plotSize)]
  const words = [reading('waiting', waiting), reading('rate', rate)].filter((each) => each !== '')
  if (words.length === 0) return element('span', { class: 'resilience-plot', hidden: true })
  const spanMs = everyMs * (Math.max(waiting.length, rate.length) - 1)
  const time = Resilience.sidebar.texts.spanText(spanMs)
  const label = Resilience.sidebar.word('plot.label', { time, readings: words.join(' ') })
  const place = element('span', {
    ...{ class: 'resilience-plot', role: 'img', 'aria-label': label, title: label },
  })
  place.append(drawing(paths))
  return place
}

function drawing(paths: readonly string[]): SVGElement {
  const made = document.createElementNS(svgNamespace, 'svg')
  made.setAttribute('viewBox', `-1 -1 ${plotSize.width + 2} ${plotSize.height + 2}`)
  made.setAttribute('preserveAspectRatio', 'none')
  paths.forEach((d, at) => {
    const path = document.createElementNS(svgNamespace, 'path')
    path.setAttribute('d', d)
    path.setAttribute('class', at === 0 ? 'resilience-area' : 'resilience-curve')
    made.append(path)
  })
  return made
}

function reading(what: 'waiting' | 'rate', points: readonly number[]): string {
  const found = Resilience.plot.readingOf(points)
  if (found === undefined) return ''
  const { countText } = Resilience.sidebar.texts
  const [from, to, last] = [found.from, found.to, found.last].map((each) =>
    countText(Math.round(each * 10) / 10),
  )
  return Resilience.sidebar.word(`plot.${what}`, { from: `${from}`, to: `${to}`, last: `${last}` })
}

function story({ calls, whatIf }: ToldStory): HTMLElement {
  const { element, word } = Resilience.sidebar
  return element(
    'div',
    { class: 'resilience-story' },
    element('ul', { 'aria-label': word('story.calls') }, ...[...calls].reverse().map(callLine)),
    whatIf.length === 0 ? undefined : element('ul', {}, ...whatIf.map(whatIfLine)),
  )
}

/** Newest first, as the timeline is. */
function callLine(call: ToldCall): HTMLElement {
  const { at, is, tookMs, code } = call
  const { element, word } = Resilience.sidebar
  const sign = is === 'ok' ? '●' : '✕'
  const time = Resilience.sidebar.texts.clockText(at)
  const took = Resilience.sidebar.texts.spanText(tookMs)
  return element(
    'li',
    {},
    element('span', { class: 'resilience-time' }, time),
    element('span', { 'aria-hidden': 'true' }, sign),
    element(
      'span',
      {},
      code === '' ? word(`call.${is}`) : `${word(`call.${is}`)} · ${codeText(call)}`,
    ),
    element('span', { class: 'resilience-end' }, took),
  )
}

function codeText({ code, status }: Parameters<SidebarParts['codeText']>[0]): string {
  const { word } = Resilience.sidebar
  if (code !== 'HTTP_STATUS') return Resilience.letterTexts.codeText({ code }, word)
  return status === undefined ? word('httpStatus') : `HTTP ${status}`
}

function whatIfLine(told: ToldWhatIf): HTMLElement {
  const { element, word } = Resilience.sidebar
  const { key, figure } = Resilience.toldEvents.thresholdOf(told)
  const isTime = key === 'whatIf.slow'
  const shown = isTime ? Resilience.sidebar.texts.spanText(figure) : String(figure)
  const { openedAt } = told
  const isOpened = typeof openedAt === 'number'
  const time = isOpened ? Resilience.sidebar.texts.clockText(openedAt) : ''
  const then = word(isOpened ? 'whatIf.opened' : 'whatIf.notOpened', { time })
  return element('li', {}, word(key, { figure: shown, then }))
}

/** As on the canvas, which has words for a node without a name. */
function nameOf({ id, name, type }: Parameters<SidebarParts['nameOf']>[0]): string {
  if (name !== '') return name
  const node = RED.nodes.node(id)
  return node ? RED.utils.getNodeLabel(node, type) : type
}

Object.assign(Resilience.sidebar, { said, figures, plot, story, codeText, nameOf })
