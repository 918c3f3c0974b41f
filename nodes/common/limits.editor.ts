/**
 * The widgets for limits and durability: placeholders show the value in force, two sentences tell
 * what survives and what happens when full, and a list with a time writes the one saved field.
 * The figures themselves are checked like all others.
 */

const { ranges, builtIn } = Resilience.figures

type Inherited = keyof typeof builtIn

/** A field of a widget, whatever kind of node the dialog is for. */
function fieldIn(form: HTMLFormElement, name: string): HTMLInputElement | undefined {
  const found = form.querySelector(`[id$="-input-${name}"]`)
  return found instanceof HTMLInputElement || found instanceof HTMLSelectElement
    ? (found as HTMLInputElement)
    : undefined
}
