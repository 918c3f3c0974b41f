/**
 * What the README and its neighbours say, as far as it can be looked up: statuses, examples, links
 * and commands exist, and none of what a reader will look for is left out. Whether the sentences
 * are true is proved elsewhere.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import should from 'should'
import { checkout } from '../../tools/common/user-dir.js'
import { filesBelow, foldersIn, textOf } from './sources.js'

const papers = ['README', 'REFERENCE', 'CONTRIBUTING', 'SECURITY', 'UPGRADING', 'CHANGELOG'].map(
  (name) => `${name}.md`,
)
const manifest: { scripts: Readonly<Record<string, string>> } = JSON.parse(textOf('package.json'))

/** Nothing is to be done about these. */
const well = [
  ...['connected', 'draining', 'empty', 'waiting', 'closed', 'closed-some', 'half-open', 'none'],
  ...['redriving', 'seen', 'seen-one', 'ready', 'trying', 'working', 'healthy', 'healthy-time'],
  ...['checking', 'watching'],
]

describe('the README', () => {
  const readme = textOf('README.md')

  it('says what to do about each status of trouble', () => {
    const [, below = ''] = readme.split('\n## Troubleshooting')
    const told = [...below.matchAll(/`([^`\n]+)`/g)].map(([, text]) => shape(text ?? ''))
    troubles()
      .filter((text) => !told.includes(shape(text)))
      .should.eql([])
  })

  it('names each example among the recipes, and no other', () => {
    const files = filesBelow('examples').map((path) => path.slice('examples/'.length, -5))
    const numbered = files.filter((name) => !name.startsWith('node/'))
    const [, recipes = ''] = readme.split('\n## Recipes')
    const [table = ''] = recipes.split('\n## ')
    const named = [...table.matchAll(/\| (\d\d [^|]+?) \|/g)].map(([, name]) => name)
    named.should.eql(numbered)
  })
})

for (const paper of papers) {
  describe(paper, () => {
    const text = textOf(paper)

    it('leads to what exists', () => {
      const links = [
        ...text.matchAll(/\]\(([^)\s]+)\)/g),
        ...text.matchAll(/src(?:set)?="([^"]+)"/g),
      ]
      links
        .map(([, link]) => link ?? '')
        .filter((link) => !leads(paper, link))
        .should.eql([])
    })

    it('names commands that exist', () => {
      const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name ?? '')
      named.filter((name) => !(name in manifest.scripts)).should.eql([])
    })
  })
}

/** Texts of statuses, in the words of the locale. */
function troubles(): string[] {
  return foldersIn('nodes').flatMap((room) => {
    const path = `nodes/${room}/locales/en-US/${room}.json`
    if (!existsSync(join(checkout, path))) return []
    const { status = {} }: { status?: Record<string, string> } = JSON.parse(textOf(path))
    const texts = Object.entries(status).filter(([key]) => !well.includes(key))
    should(Object.values(status).every((text) => typeof text === 'string')).be.true(path)
    return texts.map(([, text]) => text)
  })
}

/** Without figures, times, names and reasons: `2 of 40 open · 24 s` and the like are one. */
function shape(text: string): string {
  return text
    .replace(/(?<=· )(timed out|HTTP 503|admin)$|(?<=waiting for )http request$/, '__x__')
    .replace(/__\w+__|[\d,.]+ (s|h|min|ms)\b|[\d,.]+/g, '#')
}

function leads(paper: string, link: string): boolean {
  if (/^https?:/.test(link)) return true
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? paper : path
  if (!existsSync(join(checkout, target))) return false
  return anchor === undefined || anchorsOf(textOf(target)).includes(anchor)
}

/** As GitHub makes them of titles. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}
