/**
 * The help of a node taken apart, so that two languages can be compared: its frame of tags, and for
 * each title what stands below it. It knows tags; it understands no word.
 */

export interface Part {
  readonly title: string
  readonly text: string
  /** What stands in <code>, sorted: sentences may be put in another order. */
  readonly codes: readonly string[]
  /** In <b>: labels of the dialog. */
  readonly fields: readonly string[]
  /** In <i>: choices of the dialog. */
  readonly choices: readonly string[]
}

/** The promise is not among them. */
export function partsOf(help: string): Part[] {
  const [, ...parts] = help.split('<h3>')
  return parts.map((part) => {
    const [title = '', text = ''] = part.split('</h3>')
    const inside = (tag: string) => insideOf(text, tag).sort()
    return { title, text, codes: inside('code'), fields: inside('b'), choices: inside('i') }
  })
}

/** The first line. */
export function headOf(help: string): string {
  return help.slice(0, help.indexOf('\n'))
}

/** Every tag but those within a sentence, and the names of properties with their types. */
export function skeletonOf(help: string): string[] {
  const [before = '', ...rest] = help.split(/(?=<h3>)/)
  const [inputs = '', outputs = '', ...others] = rest
  const named = [inputs, outputs].flatMap((part) => part.match(tagOrProperty) ?? [])
  const tags = [before, ...others].flatMap((part) => part.match(tag) ?? [])
  return [...named, ...tags]
}

/** Lines with three words in a row, without tags and codes. */
export function sentencesOf(help: string): string[] {
  const lines = help.replace(/<code>.*?<\/code>|<[^>]+>/gs, '').split('\n')
  return lines.map((line) => line.trim()).filter((line) => /[a-z]+ [a-z]+ [a-z]+/.test(line))
}

function insideOf(html: string, name: string): string[] {
  const found = html.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))
  return [...found].flatMap(([, text]) => text ?? [])
}

const tag = /<(?!\/?(?:b|i|code)>)[^>]+>/g

/** A property is written without spaces but after a comma; "any message" is not one. */
const tagOrProperty =
  /<dt[^>]*>[\w.]+(?:, [\w.]+)*(?=\s*<)|property-type">[^<]*|<(?!\/?(?:b|i|code)>)[^>]+>/g
