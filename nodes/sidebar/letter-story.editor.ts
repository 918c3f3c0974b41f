/**
 * What is known of one dead letter, unfolded below its line: why it is here, which way it came, how
 * it failed each time, and the message itself, to look at, to copy, to edit. Where the message is
 * not shown, it says why.
 */

import type { Story } from './letter-shapes.js'

/** No message over this is shown or edited; the gateway does not send it. */
const messageBytesMax = 5 << 20

const letterStory: SidebarParts['letterStory'] = (model) => {
  const place = Resilience.sidebar.element('div', { class: 'resilience-letter-story' })
  let shown: Story | null | undefined
  return {
    element: place,
    draw(story) {
      // Not while somebody is writing in it, and not when it is the same.
      if (story === shown || (shown && model.busy.has(shown.id))) return
      shown = story
      place.replaceChildren(...(story === null ? waiting() : [...told(story), body(model, story)]))
    },
  }
}

const waiting = (): HTMLElement[] => [
  Resilience.sidebar.element('p', {}, Resilience.sidebar.word('letters.reading')),
]

function told({ reason, path, failures }: Story): HTMLElement[] {
  const { element, word } = Resilience.sidebar
  const way = path.map(nodeName).join(' → ')
  return [
    element('p', {}, word(`letters.reason.${reason}`)),
    ...(way === '' ? [] : [element('p', {}, word('letters.path', { way }))]),
    element('ul', { class: 'resilience-failures' }, ...[...failures].reverse().map(failureLine)),
  ]
}

function failureLine({ at, code, text, attempt, node }: Story['failures'][number]): HTMLElement {
  const { element, word, now } = Resilience.sidebar
  const { whenText, codeText, failureText } = Resilience.letterTexts
  const place = node === null ? [] : [node.name || node.type]
  const which = attempt > 1 ? [word('letters.attempt', { count: attempt })] : []
  const head = [whenText(at, now()), codeText({ code }, word), ...place, ...which].join(' · ')
  return element(
    'li',
    {},
    element('span', { class: 'resilience-facts' }, head),
    ` ${failureText({ code, text })}`,
  )
}

/** As the canvas calls it; its id when it is gone. */
function nodeName(id: string): string {
  const node = RED.nodes.node(id)
  return node ? RED.utils.getNodeLabel(node, node.type) : id
}

function body(model: LettersModel, story: Story): HTMLElement {
  const { element, messageTree } = Resilience.sidebar
  const { msg, kinds } = story
  const place = element('div', {})
  const look = () => {
    model.busy.delete(story.id)
    const shown = msg === null ? element('p', {}, hiddenText(story)) : messageTree(msg, kinds)
    place.replaceChildren(shown, orders(model, story, edit))
  }
  const edit = () => {
    model.busy.add(story.id)
    const form = Resilience.sidebar.letterEdit(model, story, () => {
      look()
      place.querySelector('button')?.focus()
    })
    place.replaceChildren(form)
    const field = form.querySelector('textarea')
    field?.focus()
    field?.setSelectionRange(0, 0)
  }
  look()
  return place
}

function hiddenText({ bytes }: Story): string {
  const { word } = Resilience.sidebar
  if (bytes <= messageBytesMax) return word('letters.hidden')
  return word('letters.tooLarge', { size: Resilience.figureTexts.sizeText(bytes) })
}

function orders(model: LettersModel, story: Story, edit: () => void): HTMLElement {
  const { element, button, word } = Resilience.sidebar
  const { msg, state, failures } = story
  const node = failures.at(-1)?.node?.id ?? story.source
  const mayEdit = model.host.mayWrite && msg !== null && state !== 'deleted'
  const copy = () => {
    const isDone = RED.clipboard.copyText(JSON.stringify(msg, null, 2))
    model.host.say(word(isDone ? 'letters.copied' : 'letters.notCopied'), !isDone)
  }
  return element(
    'div',
    { class: 'resilience-buttons' },
    mayEdit ? button(word('letters.edit.begin'), edit) : undefined,
    node === '' ? undefined : button(word('letters.reveal'), () => model.host.reveal(node)),
    msg === null ? undefined : button(word('letters.copy'), copy),
  )
}

Object.assign(Resilience.sidebar, { letterStory })
