/**
 * Every language says the same as the source language, key by key and field by field, and what it
 * says fits where it is shown. Whether it reads well, only a person can tell.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import should from 'should'
import { checkout } from '../../tools/common/user-dir.js'
import { helpOf, leaves, localeOf, longestValues, namespace, source, wordsFor } from './dialogs.js'
import { headOf, type Part, partsOf, sentencesOf, skeletonOf } from './help.js'
import { filesBelow, foldersIn } from './sources.js'

/** Those that say everything. Any other is checked as far as it goes. */
const complete: readonly string[] = ['de', 'zh-CN', 'ja']

/** The room and the language of each file of this kind. */
const written = (ending: string) =>
  filesBelow('nodes').flatMap((path): [string, string][] => {
    const found = /^nodes\/([^/]+)\/locales\/([^/]+)\/\1\.(\w+)$/.exec(path)
    const [, room = '', language = '', end] = found ?? []
    return end === ending && language !== source ? [[room, language]] : []
  })

describe('the languages', () => {
  for (const language of complete) {
    it(`${language}: are there for every folder that has words or help`, () => {
      const model = filesBelow('nodes').filter((path) => path.includes(`/locales/${source}/`))
      const missing = model.map((path) => path.replace(`/${source}/`, `/${language}/`))
      missing.filter((path) => !existsSync(join(checkout, path))).should.eql([])
    })
  }

  it('lie where the editor looks for them, and nowhere else', () => {
    const place = /^nodes\/([^/]+)\/locales\/[a-z]{2}(?:-[A-Z]{2})?\/\1\.(json|html)$/
    const stray = filesBelow('nodes').filter((path) => path.includes('/locales/'))
    stray.filter((path) => !place.test(path)).should.eql([])
  })
})

for (const [room, language] of written('json')) {
  describe(`the words of ${room} in ${language}`, () => {
    const model = leaves(localeOf(room))
    const own = leaves(localeOf(room, language))
    const ownOf = new Map(own)
    const pairs = model.flatMap(([key, text]): [string, string, string][] => {
      const other = ownOf.get(key)
      return other === undefined ? [] : [[key, text, other]]
    })

    it('have the same keys', () => {
      const inModel = new Set(model.map(([key]) => key))
      const missing = model.filter(([key]) => !ownOf.has(key))
      const extra = own.filter(([key]) => !inModel.has(key))
      should({ missing, extra }).eql({ missing: [], extra: [] })
    })

    it('have their keys in the same order', () => {
      const inOrder = model.map(([key]) => key).filter((key) => ownOf.has(key))
      const known = new Set(inOrder)
      const found = own.map(([key]) => key).filter((key) => known.has(key))
      found.filter((key, at) => key !== inOrder[at]).should.eql([])
    })

    it('have no empty text and no space too many', () => {
      own.filter(([, text]) => text.trim() !== text || text === '').should.eql([])
    })

    it('leave the same places to fill in', () => {
      const wrong = pairs.filter(([, text, other]) => !same(placesIn(text), placesIn(other)))
      wrong.should.eql([])
    })

    it('keep what a person has to write or to look for as it is', () => {
      const wrong = pairs.filter(([, text, other]) => !same(literalsIn(text), literalsIn(other)))
      wrong.map(([key, ...texts]) => [key, ...texts.map(literalsIn)]).should.eql([])
    })

    it('leave nothing untranslated', () => {
      pairs
        .filter(([key, text, other]) => text === other && !isAlike(key, text, language))
        .map(([key, text]) => `${key}: ${text}`)
        .should.eql([])
    })

    it('have statuses of 34 characters at most, with 100,000 messages', () => {
      for (const [key] of own.filter(([each]) => each.startsWith('status.'))) {
        const full = `${namespace}/${room}:${key}`
        const text = wordsFor(full, longestValues(room, key), language) ?? ''
        text.length.should.be.belowOrEqual(34, text)
      }
    })

    it('have reasons that fit into a status whole', () => {
      const brief = own.filter(
        ([key, text]) => /^(brief|check)\./.test(key) && !text.includes('__'),
      )
      brief.filter(([, text]) => text.length > 16).should.eql([])
    })

    it('have labels that fit the column of the dialog in two lines', () => {
      const labels = own.filter(([key]) => key.startsWith('label.')).map(([, text]) => text)
      labels.filter((text) => !fits(text)).should.eql([])
    })

    it('end a sentence where the source does', () => {
      const isSentence = (text: string) => /.[.。]$/.test(text)
      pairs.filter(([, text, other]) => isSentence(text) !== isSentence(other)).should.eql([])
    })
  })
}

describe('the labels of the source language', () => {
  for (const room of foldersIn('nodes').filter((each) => hasWords(each))) {
    it(`of ${room} fit the column of the dialog in two lines`, () => {
      const labels = leaves(localeOf(room)).filter(([key]) => key.startsWith('label.'))
      labels.filter(([, text]) => !fits(text)).should.eql([])
    })
  }
})

for (const [room, language] of written('html')) {
  describe(`the help of ${room} in ${language}`, () => {
    const model = helpOf(room)
    const own = helpOf(room, language)
    const parts = partsOf(model).map((part, n): [Part, Part | undefined] => [part, partsOf(own)[n]])

    it('belongs to this node, the promise first', () => {
      headOf(own).should.equal(headOf(model))
      own.should.match(/^<script type="text\/html" data-help-name="[^"]+">\s*<p>[^<\s]/)
    })

    it('has the same paragraphs, lists and properties', () => {
      skeletonOf(own).should.eql(skeletonOf(model))
    })

    it('has the titles that all help of this language has', () => {
      const titles = (of: string) => partsOf(helpOf(of, language)).map(({ title }) => title)
      const rooms = written('html').filter(([, each]) => each === language)
      for (const [other] of rooms) titles(room).should.eql(titles(other))
    })

    it('names the same properties and values in each part', () => {
      for (const [part, other] of parts) should(other?.codes).eql(part.codes, part.title)
    })

    it('names the same fields in each part, as the dialog of this language does', () => {
      const translated = (label: string) => translation(room, language, 'label.', label) ?? label
      for (const [part, other] of parts) {
        should(other?.fields).eql(part.fields.map(translated).sort(), part.title)
      }
    })

    it('names choices as the dialog of this language does', () => {
      for (const [part, other] of parts) {
        const choices = part.choices.map((text) => choiceIn(room, language, text))
        should(other?.choices.length).equal(choices.length, part.title)
        for (const [choice, start] of choices.filter(([, text]) => text !== undefined)) {
          const isNamed = other?.choices.some((text) => beginsWith(start ?? '', text))
          should(isNamed).be.true(`${choice}: ${start}`)
        }
      }
    })

    it('explains each status with the words that this language shows', () => {
      const status = partsOf(own)[2]?.text ?? ''
      for (const [, text] of statusesOf(room, language)) {
        const [words = ''] = text.split(' · ')
        status.should.match(new RegExp(words.replace(/__\w+__/g, '\\S+').replace('?', '\\?')))
      }
    })

    it('leaves no paragraph untranslated', () => {
      const others = new Set(sentencesOf(own))
      sentencesOf(model)
        .filter((line) => others.has(line))
        .should.eql([])
    })
  })
}

function statusesOf(room: string, language: string): [string, string][] {
  return leaves(localeOf(room, language)).filter(([key]) => key.startsWith('status.'))
}

/** The text under the same key in another language; a room's own words come before the shared. */
function translation(room: string, language: string, prefix: string, text: string) {
  for (const of of [room, 'common'].filter((each) => hasWords(each, language))) {
    const found = leaves(localeOf(of)).find(
      ([key, each]) => key.startsWith(prefix) && each === text,
    )
    const [key = ''] = found ?? []
    if (found !== undefined) return new Map(leaves(localeOf(of, language))).get(key)
  }
  return undefined
}

/** What a choice of a select box is called there; help may name its beginning only. */
function choiceIn(room: string, language: string, text: string): [string, string | undefined] {
  for (const of of [room, 'common'].filter((each) => hasWords(each, language))) {
    const own = new Map(leaves(localeOf(of, language)))
    const isChoice = ([key, each]: [string, string]) =>
      /^(option|kind)\./.test(key) && beginsWith(each, text)
    const found = leaves(localeOf(of)).find(isChoice)
    if (found !== undefined) return [text, own.get(found[0])]
  }
  return [text, undefined]
}

/** Within a sentence a choice may be written large or small, and shortened. */
const beginsWith = (whole: string, text: string) =>
  whole.toLowerCase().startsWith(text.toLowerCase())

function hasWords(room: string, language = source): boolean {
  return existsSync(join(checkout, `nodes/${room}/locales/${language}/${room}.json`))
}

const placesIn = (text: string): string[] => (text.match(/__\w+?__/g) ?? []).sort()

/** Paths of a message, variables, addresses, codes, examples with a unit; `|` parts two columns. */
const literal = new RegExp(
  [
    ...[/\bmsg\.[\w.]*\w/, /\$\w+/, /\w+:\/\/[\w./-]*[\w/]/, /\b[A-Z][A-Z\d]*_[A-Z\d_]+\b/],
    ...[/\b\d+(?:[KMG]?B|ms|[smhd%])(?![a-z])/, /\b\d+xx\b/, /\|/],
  ]
    .map(({ source: text }) => text)
    .join('|'),
  'g',
)

function literalsIn(text: string): string[] {
  return [...new Set(text.replace(/__\w+?__/g, ' ').match(literal) ?? [])].sort()
}

const same = (one: readonly string[], other: readonly string[]) => one.join() === other.join()

/** Names and codes, which no language translates. */
const names =
  /\b(MQTT|HTTP|TCP|TLS|QoS|gRPC|WebSocket|Authorization|[Rr]esilience|msg\.\w+|retain|auto)\b/g

/** Words that happen to be the same in a language. */
const alike: Readonly<Record<string, readonly string[]>> = {
  de: [
    ...['Name', 'name', 'Broker', 'Server', 'Version', 'Topic', 'Payload', 'Retain', 'Details'],
    ...['flow', 'Dead Letters', 'Status', 'Filter', 'Node', 'Nodes'],
  ],
}

/** Nothing is left to translate when places, names and what is no word are gone. */
function isAlike(key: string, text: string, language: string): boolean {
  // Node-RED itself leaves the names of nodes as they are in most languages.
  if (key === 'palette' || (alike[language] ?? []).includes(text)) return true
  const rest = text.replace(/\w+:\/\/\S+|__\w+?__/g, '').replace(names, '')
  return !/[a-zA-Z]{2}/.test(rest)
}

/**
 * The column is 104 px wide, room for 14 letters or half as many Chinese or Japanese characters;
 * a third line would push the rows apart.
 */
function fits(label: string): boolean {
  let [lines, used] = [1, 0]
  for (const word of label.match(unbroken) ?? []) {
    const width = [...word.trim()].reduce((sum, each) => sum + (each > 'ɏ' ? 2 : 1), 0)
    if (width > lineWidth) return false
    if (used + width > lineWidth) [lines, used] = [lines + 1, 0]
    used += width + (word.endsWith(' ') ? 1 : 0)
  }
  return lines <= 2
}

const lineWidth = 14

/** Latin letters up to a space or a hyphen; a line may end after every other character. */
const unbroken = /[!-ɏ]+?[- ]|[!-ɏ]+|\S/gu
