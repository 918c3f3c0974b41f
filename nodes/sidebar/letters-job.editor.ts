/**
 * How far a redrive is: a bar, the same in words, and a button to cancel. When it is over its end
 * stays to be read until it is put away; one that nobody has seen at work, nor ordered here, is not
 * shown.
 */

const lettersJob: SidebarParts['lettersJob'] = (model) => {
  const { element, button, write, word, letterOrders } = Resilience.sidebar
  const { doneOf, jobText } = Resilience.letterTexts
  const orders = letterOrders(model)
  let current = ''
  const text = element('span', { class: 'resilience-redrive-text', id: 'resilience-redrive-text' })
  const bar = element('progress', { 'aria-labelledby': text.id })
  const cancel = button(word('letters.cancel'), () => void orders.cancel(current))
  const away = button(word('letters.putAway'), () => {
    model.watchedJob = ''
    model.draw()
  })
  const line = element('div', { class: 'resilience-buttons' }, text, cancel, away)
  const place = element('div', { class: 'resilience-redrive' }, bar, line)
  return {
    element: place,
    draw() {
      const { redrive: job = null } = model.read?.desk ?? {}
      const isRunning = job?.state === 'running'
      if (job !== null && isRunning) model.watchedJob = job.job
      place.hidden = job === null || job.job !== model.watchedJob
      if (job === null) return
      current = job.job
      bar.max = Math.max(1, job.total)
      bar.value = doneOf(job)
      write(text, jobText(job, word))
      cancel.hidden = !isRunning || !model.host.mayWrite
      away.hidden = isRunning
    },
  }
}

Object.assign(Resilience.sidebar, { lettersJob })
