/**
 * The section `resilience` of settings.js as a person may have written it: what is used of it, and
 * which lines in the log say what must be changed, in every language.
 */

import should from 'should'
import type { AdminHandler, NodeRed } from '../../nodes/common/node-red.js'
import { fieldIn, pathIn, textIn, warnOfSettings } from '../../nodes/common/settings-file.js'
import { sidebar } from '../../nodes/sidebar/sidebar.js'
import { wordsFor } from '../house/dialogs.js'
import { testWorld } from '../world/test-world.js'

type Values = Readonly<Record<string, string>>

describe('the section of settings.js', () => {
  it('is silent where all is well, or nothing is set', () => {
    const right = {
      ...{ dir: '/data', metricsToken: 'x', metricsPath: '/metrics', healthPath: 'plant/health/' },
      ...{ asyncContext: false, showPayloads: true },
    }
    const unset = { dir: undefined, metricsToken: null, metricsPath: '', showPayloads: undefined }
    for (const section of [undefined, null, {}, right, unset]) warned(section).should.eql([])
  })

  const text = 'a text in quotes'
  const path = 'a path such as /plant/health, of letters, digits and . _ ~ -'
  const rows: ReadonlyArray<readonly [section: unknown, key: string, must: string]> = [
    ['metricsToken', 'resilience', "an object such as { metricsToken: '…' }"],
    [['x'], 'resilience', "an object such as { metricsToken: '…' }"],
    [true, 'resilience', "an object such as { metricsToken: '…' }"],
    [{ metricsToken: 12345 }, 'resilience.metricsToken', text],
    [{ metricsToken: Buffer.from('x') }, 'resilience.metricsToken', text],
    [{ dir: ['/data'] }, 'resilience.dir', text],
    [{ asyncContext: 'false' }, 'resilience.asyncContext', 'true or false'],
    [{ showPayloads: 0 }, 'resilience.showPayloads', 'true or false'],
    [{ metricsPath: 7 }, 'resilience.metricsPath', path],
    [{ healthPath: '/' }, 'resilience.healthPath', path],
  ]
  for (const [section, key, must] of rows) {
    it(`is told to be wrong where it is ${JSON.stringify(section)}`, () => {
      const line = `settings.js: ${key} must be ${must}. Correct it and restart Node-RED.`
      warned(section).should.eql([line])
    })
  }

  it('gets a line for each wrong value', () => {
    warned({ dir: 1, metricsToken: 2, asyncContext: 3 }).should.have.length(3)
  })

  it('is told to be wrong in every language, with the key', () => {
    for (const language of ['de', 'ja', 'zh-CN']) {
      const [line = ''] = warned({ healthPath: '/:x*' }, language)
      line.should.match(/^settings\.js.*resilience\.healthPath.*\/plant\/health.*Node-RED/)
      line.should.not.match(/__|undefined/)
    }
  })

  const patterns = ['/me(trics', '/:x*', '/a b', '/a?b', '/a#b', '/%61', '//a', '/a//b', '/ä', '*']
  for (const path of patterns) {
    it(`has no path in ${path}: the usual one is used`, () => {
      const RED = runtimeOf({ healthPath: path }, [])
      should(pathIn(RED, 'healthPath', '/health')).equal('/health')
      warned({ healthPath: path }).should.have.length(1)
    })
  }

  it('has paths with or without slashes around them, in any case', () => {
    for (const path of ['/Plant/health', 'plant/health', '/plant/health/']) {
      should(pathIn(runtimeOf({ path }, []), 'path', '/health')).equal('/plant/health')
    }
    const wellKnown = runtimeOf({ path: '/.well-known/h_1~x' }, [])
    should(pathIn(wellKnown, 'path', '/health')).equal('/.well-known/h_1~x')
  })

  it('has fields as they are, and texts that are none are not set', () => {
    const RED = runtimeOf({ a: 5, b: '', c: 'text' }, [])
    should(['a', 'b', 'c', 'd'].map((field) => fieldIn(RED, field))).eql([5, '', 'text', undefined])
    should(['a', 'b', 'c', 'd'].map((field) => textIn(RED, field))).eql([
      ...[undefined, undefined, 'text', undefined],
    ])
    should(fieldIn(runtimeOf('a', []), 'length')).equal(undefined)
  })

  const places: ReadonlyArray<readonly [section: object, paths: string[], warnings: number]> = [
    [{}, ['/metrics'], 0],
    [{ metricsPath: '/plant', healthPath: '/plant/health' }, ['/plant'], 0],
    [{ metricsPath: '/health' }, ['/metrics'], 1],
    [{ metricsPath: '/HEALTH/Live/' }, ['/metrics'], 1],
    [{ metricsPath: '/plant', healthPath: '/plant' }, ['/metrics'], 1],
    [{ metricsPath: '/plant', healthPath: '/metrics' }, ['/plant'], 0],
    [{ healthPath: '/metrics' }, [], 1],
    [{ metricsPath: '/me(trics' }, ['/metrics'], 1],
  ]
  for (const [section, paths, warnings] of places) {
    it(`has metrics at ${paths.join() || 'no path'} with ${JSON.stringify(section)}`, () => {
      const lines: string[] = []
      const handlers: AdminHandler[] = []
      const httpNode = { use: (_path: string, handler: AdminHandler) => handlers.push(handler) }
      const nodes = { eachNode() {} }
      const settings = runtimeOf({ ...section, metricsToken: 'x' }, lines)
      sidebar(testWorld())({ ...settings, httpNode, nodes } as unknown as NodeRed)
      const asked = ['/metrics', '/plant', '/plant/health', '/health', '/health/live', '/me(trics']
      asked.filter((path) => handlers.some((each) => isRefused(each, path))).should.eql(paths)
      lines.should.have.length(warnings)
    })
  }
})

function warned(section: unknown, language?: string): string[] {
  const lines: string[] = []
  warnOfSettings(runtimeOf(section, lines, language))
  return lines
}

function runtimeOf(resilience: unknown, lines: string[], language?: string): NodeRed {
  const _ = (key: string, values: Values) => wordsFor(key, values, language)
  const log = { warn: (line: string) => lines.push(line) }
  return { settings: { resilience }, log, _ } as unknown as NodeRed
}

/** It asks for the token there. */
function isRefused(handler: AdminHandler, url: string): boolean {
  let status = 0
  const response = {
    writeHead(code: number) {
      status = code
      return { end() {} }
    },
  }
  const [message] = [{ url, method: 'GET', headers: {} }] as unknown as Parameters<AdminHandler>
  handler(message, response as unknown as Parameters<AdminHandler>[1], () => {})
  return status === 401
}
