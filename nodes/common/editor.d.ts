/**
 * The slice of Node-RED's editor that our dialogs touch, written by hand, and the one global that
 * `common.editor.ts` adds to it. Verified against Node-RED 4.1 and 5.0; nothing else may be used.
 */

interface EditorNode {
  readonly id: string
  readonly type: string
  readonly name?: string
  /** What the last validation found; absent before the first. */
  readonly valid?: boolean
  readonly _def: {
    readonly category: string
    readonly defaults: Readonly<Record<string, Field<unknown>>>
  }
  /** A word of the node's own locale. */
  _(key: string): string
}

/** True, or the words for what is wrong. The editor counts the parameters: they must be two. */
type Validate = (this: EditorNode, value: unknown, options: unknown) => true | string

interface Field<Value> {
  value: Value
  required?: boolean
  /** Type of the config node that the field names. */
  type?: string
  validate?: Validate
}

/** One entry for each field that the settings know, and no other. */
type FieldsOf<Form> = { [Name in keyof Required<Form>]: Field<Required<Form>[Name]> }

interface Definition<Form, Credentials> {
  category: string
  defaults: FieldsOf<Form>
  credentials?: { [Name in keyof Required<Credentials>]: { type: 'text' | 'password' } }
  color?: string
  icon?: string
  align?: 'left' | 'right'
  inputs?: number
  outputs?: number
  outputLabels?: (this: { _(key: string): string }, index: number) => string
  paletteLabel?: (this: { _(key: string): string }) => string
  label: (this: EditorNode & Form) => string
  labelStyle?: (this: EditorNode & Form) => string
  oneditprepare?: (this: EditorNode & Form) => void
  oneditsave?: (this: EditorNode & Form) => void
}

declare const RED: {
  readonly nodes: {
    registerType<Form, Credentials = never>(
      type: string,
      definition: Definition<Form, Credentials>,
    ): void
    /** Config nodes included. */
    node(id: string): EditorNode | null | undefined
    filterNodes(filter: { readonly type: string }): readonly EditorNode[]
  }
  _(key: string, values?: Readonly<Record<string, string | number>>): string
}

/**
 * jQuery, for changes only: the editor announces them by it, unheard by plain listeners. And the
 * two widgets of the editor that are plug-ins of jQuery.
 */
declare function $(target: EventTarget): {
  on(events: string, heard: () => void): void
  trigger(event: string): void
  typedInput(options: Readonly<Record<string, unknown>>): void
  typedInput(what: 'value' | 'type'): string
  typedInput(what: 'value' | 'type', value: string): void
  editableList(options: EditableList): void
  editableList(what: 'addItem', row: object): void
  /** Elements of all rows. */
  editableList(what: 'items'): { get(): HTMLElement[] }
}

interface EditableList {
  readonly addItem: (container: readonly HTMLElement[], index: number, row: object) => void
  readonly removable: boolean
  readonly sortable: boolean
  readonly removeItem: () => void
  readonly sortItems: () => void
}

type Control = HTMLInputElement | HTMLSelectElement

/** Our shared widgets. `grammar`, `address` and `figures` are the runtime's own files. */
interface ResilienceWidgets {
  readonly grammar: typeof import('./grammar.js')
  readonly address: typeof import('./address.js')
  readonly figures: typeof import('./figures.js')
  readonly rows: typeof import('./rows.js')
  /** Validators for `defaults`; a field that is missing is fine. */
  readonly valid: {
    readonly [Name in keyof typeof import('./figures.js')['ranges']]: Validate
  } & {
    readonly backoffJitter: Validate
    readonly failureRate: Validate
    readonly slowRate: Validate
    readonly window: Validate
    readonly neverRetry: Validate
    readonly retryBudget: Validate
    readonly liveShare: Validate
    readonly servers: Validate
    readonly topic: Validate
    readonly clientId: Validate
    readonly broker: Validate
    readonly store: Validate
    readonly directory: Validate
    readonly priority: Validate
    readonly key: Validate
    readonly breaker: Validate
    readonly retryAttempts: Validate
    readonly rateLimit: Validate
    readonly announcements: Validate
    readonly oneAnnouncement: Validate
    readonly pairs: Validate
    readonly responseTopic: Validate
    readonly plainText: Validate
  }
  /** Call it first in `oneditprepare`: brings sections, texts and widgets to life. */
  prepare(node: EditorNode): void
  /** Shows fields, or `#id` of a section, only while another field has a fitting value. */
  showWhen(
    node: EditorNode,
    field: string,
    isShown: (value: string) => boolean,
    targets: readonly string[],
  ): void
  /** Call it in `oneditsave` where there are lists: they are saved as such. */
  save(node: EditorNode): void
  /** The control of a field in the open dialog. */
  control(node: EditorNode, field: string): Control

  // Among the widgets only
  /** A common word. */
  say(key: string, values?: Readonly<Record<string, string>>): string
  now(node: EditorNode, field: string): unknown
  canonical(validate: Validate | undefined, value: string): string
  prepareLists(form: HTMLFormElement): void
  prepareLimits(form: HTMLFormElement): void
  preparePickers(node: EditorNode, form: HTMLFormElement): void
  showSentences(form: HTMLFormElement): void
}

declare const Resilience: ResilienceWidgets
