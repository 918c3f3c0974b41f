/**
 * How the sidebar asks the gateway: over the admin address, as the person who is logged in, by
 * addresses without a slash at their start, which alone carry the login. What the gateway refuses
 * comes back as a Refusal with its words; nothing is asked again by itself.
 */

{
  const thousands = (): string => Resilience.say('thousands')

  const word: SidebarHost['word'] = (key, values = {}) => {
    const texts = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' ? Resilience.figureTexts.grouped(value, thousands()) : value,
    ])
    return RED._(`@holdfast/node-red-resilience/sidebar:${key}`, Object.fromEntries(texts))
  }

  const texts: SidebarParts['texts'] = {
    ...Resilience.figureTexts,
    countText: (count) => Resilience.figureTexts.countText(count, thousands()),
    exactText: (count) => Resilience.figureTexts.grouped(count, thousands()),
  }

  class Refused extends Error implements Refusal {
    readonly code: string
    readonly status: number

    constructor(code: string, status: number, text: string) {
      super(text)
      this.code = code
      this.status = status
    }
  }

  const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null

  /** An answer that was asked for as text is read here when it is a refusal. */
  function bodyOf({ responseJSON, responseText = '' }: AjaxFailure): unknown {
    if (responseJSON !== undefined || !responseText.startsWith('{')) return responseJSON
    try {
      return JSON.parse(responseText)
    } catch {
      return undefined // no answer of ours
    }
  }

  function refusalOf(failure: AjaxFailure): Refusal {
    const { status } = failure
    const body = bodyOf(failure)
    const error = isRecord(body) ? body['error'] : undefined
    const { code, text } = isRecord(error) ? error : {}
    if (typeof code === 'string') return new Refused(code, status, String(text ?? code))
    if (status === 0) return new Refused('UNREACHABLE', status, word('refusal.unreachable'))
    const isDenied = status === 401 || status === 403
    const key = isDenied ? 'refusal.denied' : 'refusal.other'
    return new Refused(`HTTP_${status}`, status, word(key, { status }))
  }

  function ask<Answer>(
    method: string,
    path: string,
    rest: { readonly dataType: 'json' | 'text'; readonly data?: string | Blob },
  ): Promise<Answer> {
    const contentType = rest.data instanceof Blob ? rest.data.type : 'application/json'
    const request = { url: `resilience/${path}`, method, contentType, processData: false, ...rest }
    return new Promise((resolve, reject) => {
      $.ajax(request).then(resolve, (failure) => reject(refusalOf(failure)))
    })
  }

  const gateway: SidebarParts['gateway'] = {
    get: (path) => ask('GET', path, { dataType: 'json' }),
    send: (method, path, body = {}) =>
      ask(method, path, {
        dataType: 'json',
        data: body instanceof Blob ? body : JSON.stringify(body),
      }),
    async download(path, fileName, kept) {
      const all = await ask<string>('GET', path, { dataType: 'text' })
      const lines = (isKept: (line: string) => boolean) =>
        all.split('\n').flatMap((line) => (line !== '' && isKept(line) ? [`${line}\n`] : []))
      const text = kept === undefined ? all : lines(kept).join('')
      const href = URL.createObjectURL(new Blob([text]))
      Resilience.sidebar.element('a', { href, download: fileName }).click()
      // The browser reads it after the click has returned.
      Resilience.sidebar.later(60_000, () => URL.revokeObjectURL(href))
    },
  }

  const isGone: SidebarParts['isGone'] = (refusal) =>
    refusal instanceof Refused && refusal.code === 'NOT_FOUND'

  const nodeReport: SidebarParts['nodeReport'] = async (host, id) => {
    try {
      return await host.get(`nodes/${encodeURIComponent(id)}`)
    } catch (refusal) {
      if (!isGone(refusal)) host.sayRefusal(refusal)
      return undefined
    }
  }

  Object.assign(Resilience.sidebar, { word, texts, gateway, isGone, nodeReport })
}
