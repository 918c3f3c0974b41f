/**
 * Every room is furnished completely, and its parts agree: settings, dialog, words and help name
 * the same fields, and the dialog accepts exactly what the settings understand.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import should from 'should'
import type { Defect } from '../../nodes/common/fields.js'
import { severities } from '../../src/base/event.js'
import { families } from '../../src/base/fault.js'
import { checkout } from '../../tools/common/user-dir.js'
import {
  builtHtml,
  dialogOf,
  helpOf,
  leaves,
  localeOf,
  longestValues,
  namespace,
  plugins,
  rooms,
  wordsFor,
} from './dialogs.js'
import { filesBelow, textOf } from './sources.js'

interface SettingsModule {
  readonly defaults: Readonly<Record<string, unknown>>
  parse(form: object): { readonly wrong: readonly Defect[] }
}

for (const room of rooms) {
  describe(`the room ${room}`, () => {
    const settings: SettingsModule = require(`../../nodes/${room}/${room}.settings.js`)
    const dialog = dialogOf(room)
    const html = builtHtml(room)
    const fields = Object.keys(settings.defaults)
    // Follows from another field: it has a control, but nobody fills it in.
    const follows = (name: string) =>
      name === 'outputs' || (name.endsWith('Type') && fields.includes(name.slice(0, -4)))
    const followed = fields.filter(follows)
    const filled = fields.filter((name) => !follows(name))
    const asked = [...filled, ...Object.keys(dialog.credentials ?? {})]
    // The kind of a value stands in the same place as the value.
    const named = asked.filter(
      (name) => !asked.includes(name.replace(/Type$/, '')) || !/Type$/.test(name),
    )

    it('has all of its parts', () => {
      const parts = ['.ts', '.settings.ts', '.editor.ts', '.html'].map((end) => `${room}${end}`)
      const words = ['.json', '.html'].map((end) => `locales/en-US/${room}${end}`)
      const paths = [...parts, ...words].map((path) => `nodes/${room}/${path}`)
      const missing = [...paths, `icons/${room}.svg`].filter((path) => !isThere(path))
      missing.should.eql([])
    })

    it('is registered under its own name, literally, with its own icon', () => {
      should(dialog.type).equal(room)
      should(dialog.icon).equal(`${room}.svg`)
      html.should.containEql(`RED.nodes.registerType('${room}', {`)
      html.should.containEql(`data-template-name="${room}"`)
      helpOf(room).should.containEql(`data-help-name="${room}"`)
    })

    it('has the same fields and defaults in dialog and settings', () => {
      const values = Object.entries(dialog.defaults).map(([name, { value }]) => [name, value])
      // Made in a context of its own, where lists have another prototype.
      should(JSON.parse(JSON.stringify(Object.fromEntries(values)))).eql(settings.defaults)
    })

    it('has one control for each field and no other', () => {
      const ids = [
        ...html.matchAll(
          / (?:id="(?:node-(?:config-)?input|resilience-pick)-|data-field=")(\w+)"/g,
        ),
      ].map(([, id]) => id)
      ids.sort().should.eql([...asked, ...followed].sort())
    })

    it('has a label that belongs to each control', () => {
      const labels = [...html.matchAll(/<label for="([^"]+)"/g)].map(([, id]) => id ?? '')
      labels.filter((id) => !html.includes(` id="${id}"`)).should.eql([])
      labels.length.should.equal(named.length)
    })

    it('has words for every place in its dialog', () => {
      keysIn(html, room)
        .filter((key) => wordsFor(key) === undefined)
        .should.eql([])
    })

    it('has a label and a tooltip for each field', () => {
      for (const name of named) {
        const [label, tip] = ['label', 'tip'].map((kind) => wordOf(room, `${kind}.${name}`))
        should(label).match(/^[A-Z][^:]{1,20}$/, name)
        should(tip).match(/^[A-Z0-9].+\.$/, name)
      }
    })

    it('explains each field in its help, by the name that the dialog shows', () => {
      const help = helpOf(room)
      const names = named.map((name) => wordOf(room, `label.${name}`) ?? name)
      names.filter((name) => !help.includes(`<b>${name}</b>`)).should.eql([])
    })

    it('has its help in the usual order, the promise first', () => {
      const help = helpOf(room)
      help.should.match(/^<script type="text\/html" data-help-name="[^"]+">\s*<p>[A-Z]/)
      const titles = [...help.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title]) => title)
      const usual = ['Inputs', 'Outputs', 'Status', 'Details', 'Limits', 'When not to use it']
      titles.should.eql(usual)
    })

    it('accepts in the dialog what the settings understand, and nothing else', () => {
      for (const name of fields.filter((each) => dialog.defaults[each]?.validate !== undefined)) {
        for (const value of samples) {
          const inDialog = dialog.defaults[name]?.validate?.call(nodeWith(dialog), value, {})
          const wrong = settings.parse({ [name]: value }).wrong.find(({ field }) => field === name)
          const advice = wrong === undefined ? true : wordsFor(wrong.write, wrong.values)
          should(inDialog).eql(advice, `${name}: ${JSON.stringify(value)}`)
          if (wrong !== undefined)
            should(wordsFor(wrong.label)).equal(wordOf(room, `label.${name}`))
        }
      }
    })

    it('has words for every status that it shows, and explains each in its help', () => {
      const text = filesBelow(`nodes/${room}`)
        .filter((path) => path.endsWith('.ts'))
        .map(textOf)
        .join('\n')
      const keys = new Set([...text.matchAll(/'(status\.[\w-]+)'/g)].map(([, key]) => key ?? ''))
      for (const key of keys) {
        const [words] = (wordOf(room, key) ?? '').split(' · ')
        should(words).not.equal('', key)
        should(helpOf(room)).match(new RegExp(words?.replace(/__\w+__/g, '\\S+') ?? '-'))
      }
    })
  })
}

describe('the words', () => {
  for (const room of [...plugins, ...rooms]) {
    it(`of ${room} have no empty text and no place that cannot be filled`, () => {
      for (const [key, text] of leaves(localeOf(room))) {
        text.should.match(/\S/, key)
        text.replace(/__[a-zA-Z]\w*?__/g, '').should.not.containEql('__')
      }
    })
  }

  it('exist for every error code and every kind of event', () => {
    const codes = Object.keys(families).map((code) => `errors.${code}`)
    codes.filter((key) => wordOf('common', key) === undefined).should.eql([])
    // Some kinds have several texts, by what they tell of; words.test.ts knows all of them.
    const texts = leaves(localeOf('common')).map(([key]) => `${key}.`)
    const isTold = (kind: string) => texts.some((key) => key.startsWith(`events.${kind}.`))
    Object.keys(severities)
      .filter((kind) => !isTold(kind))
      .should.eql([])
  })

  it('of a status are 28 characters long at most, with 100,000 messages', () => {
    for (const room of [...plugins, ...rooms]) {
      for (const [key] of leaves(localeOf(room)).filter(([each]) => each.startsWith('status.'))) {
        const text = wordsFor(`${namespace}/${room}:${key}`, longestValues(room, key)) ?? ''
        text.length.should.be.belowOrEqual(28, text)
        text.should.not.containEql('__')
      }
    }
  })
})

/** What people write into the wrong field, and a few right ones for each kind. */
const samples: readonly string[] = [
  ...['', '0', '1', '15', '30s', '15 S', '1h', '25h', '5m', '10ms', '9ms', '60s', '90d', 'x'],
  ...['50%', '101%', '1.5', '2', '10', '11', '100', '101', '100000001', '256', '256MB', '1 kb'],
  ...['2000GB', '0B', 'off', 'Unlimited', 'each', 'System', '-1', '1,5', 'a/b', 'line/1', 'line/#'],
  ...['a\0b', 'localhost', 'mqtt://', 'http://plant', 'a, mqtts://b:1', 'y'.repeat(129), 'there'],
]

/** A node of which nothing was saved. */
const nodeWith = (dialog: object) => ({ _def: dialog })

function wordOf(room: string, key: string): string | undefined {
  return wordsFor(`${namespace}/${room}:${key}`) ?? wordsFor(`${namespace}/common:${key}`)
}

/** Every key in `data-i18n`, complete. */
function keysIn(html: string, room: string): string[] {
  const attributes = [...html.matchAll(/data-i18n="([^"]+)"/g)].flatMap(([, all]) => all ?? [])
  const keys = attributes.flatMap((all) => all.split(';')).map((key) => key.replace(/^\[.*?\]/, ''))
  return keys.map((key) => (key.includes(':') ? key : `${namespace}/${room}:${key}`))
}

const isThere = (path: string) => existsSync(join(checkout, path))
