/**
 * The slice of Node-RED's editor that our dialogs touch, written by hand, and the one global that
 * `common.editor.ts` adds to it. Verified against Node-RED 4.1 and 5.0; nothing else may be used.
 */

interface EditorNode {
  readonly id: string
  readonly type: string
  readonly name?: string
  /** The tab or subflow that it is on. */
  readonly z?: string
  /** Disabled. */
  readonly d?: boolean
  /** Absent until a dropped node has its place. */
  readonly x?: number
  /** What the last validation found; absent before the first. */
  readonly valid?: boolean
  readonly _def: {
    readonly category: string
    readonly inputs?: number
    readonly defaults: Readonly<Record<string, Field<unknown>>>
  }
  /** A word of the node's own locale. */
  _(key: string, values?: Readonly<Record<string, string>>): string
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
  /** It was dropped on the canvas, pasted or imported. */
  onadd?: (this: EditorNode & Form) => void
  oneditprepare?: (this: EditorNode & Form) => void
  /** For what has no control of its own: everything else the editor saves. */
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
    /** All of them, unless `heard` returns false. */
    eachConfig(heard: (node: EditorNode) => void): void
    filterNodes(filter: { readonly z?: string | undefined; readonly type?: string }): EditorNode[]
    filterLinks(filter: { readonly source: object }): EditorLink[]
    /** A tab; undefined for a subflow. */
    workspace(id: string): { readonly disabled?: boolean } | undefined
    subflow(id: string): { readonly in?: readonly object[] } | undefined
  }
  readonly view: {
    redraw(): void
    /** Scrolls to it and lets it flash; of a config node, its line in their sidebar. */
    reveal(id: string): void
    selectNodes(options: {
      readonly selected: readonly string[]
      onselect(nodes: readonly EditorNode[]): void
      oncancel(): void
      filter(node: EditorNode): boolean
    }): void
  }
  readonly tray: { hide(): void; show(): void }
  readonly plugins: { registerPlugin(id: string, plugin: { readonly onadd: () => void }): void }
  readonly sidebar: { addTab(tab: SidebarTab): void }
  /** Whom the editor serves; everybody may do everything where nobody has to log in. */
  readonly user: { hasPermission(permission: string): boolean }
  /** What the runtime publishes. What `heard` throws would cost it the messages that follow. */
  readonly comms: {
    subscribe(topic: string, heard: (topic: string, data: unknown) => void): void
  }
  /** Also where the browser lets a page write to the clipboard on https only. */
  readonly clipboard: { copyText(text: string): boolean }
  readonly utils: { getNodeLabel(node: EditorNode, otherwise: string): string }
  _(key: string, values?: Readonly<Record<string, string | number>>): string
}

interface SidebarTab {
  readonly id: string
  readonly label: string
  readonly name: string
  readonly iconClass: string
  readonly content: HTMLElement
  /** Stays usable while a dialog is open. */
  readonly enableOnEdit: boolean
  /** It is shown, in 4.1 and 5.0. */
  readonly onchange?: () => void
}

/** The editor's own copy, to see whether an expression is one. */
declare const jsonata: (text: string) => unknown

/** A list of rows, as the editor makes them. */
interface EditableList {
  readonly addItem: (container: readonly HTMLElement[], index: number, row: object) => void
  readonly removable: boolean
  readonly sortable: boolean
  readonly removeItem: () => void
  readonly sortItems: () => void
}

interface EditorLink {
  readonly sourcePort: number
  readonly target: EditorNode
}

/**
 * jQuery, for what the editor offers by nothing else: changes, which it announces unheard by plain
 * listeners, and its own widgets.
 */
interface JQueryLike {
  readonly length: number
  on(events: string, heard: (event: Event, item: never) => void): void
  trigger(event: string): void
  val(): unknown
  typedInput(options: object): void
  typedInput(what: 'value' | 'type'): string
  typedInput(what: 'value' | 'type', value: string): void
  editableList(options: EditableList): void
  editableList(what: 'addItem', row: object): void
  treeList(options: object): void
  treeList(command: 'data', items: readonly object[]): void
  treeList(command: 'filter', holds: ((item: never) => boolean) | null): void
  treeList(command: 'selected'): never
  searchBox(options: object): void
}

declare function $(target: EventTarget | string): JQueryLike

declare namespace $ {
  /**
   * `url` without a slash at its start: only then the editor adds the token of the person who is
   * logged in.
   */
  function ajax(request: {
    readonly url: string
    readonly method: string
    readonly dataType: 'json' | 'text'
    readonly contentType?: string
    readonly data?: string | Blob
    /** False: `data` is sent as it is. */
    readonly processData?: boolean
  }): { then(answered: (answer: never) => void, failed: (failure: AjaxFailure) => void): unknown }
  /** Of the admin address, as the person who is logged in. */
  function getJSON<Answer>(path: string): PromiseLike<Answer>
}

interface AjaxFailure {
  /** 0 when there was no answer. */
  readonly status: number
  /** Absent when the body is no JSON, or was asked for as text. */
  readonly responseJSON?: unknown
  readonly responseText?: string
}

type Control = HTMLInputElement | HTMLSelectElement

/** Our shared widgets. `grammar`, `address` and `figures` are the runtime's own files. */
interface ResilienceWidgets {
  readonly grammar: typeof import('./grammar.js')
  readonly address: typeof import('./address.js')
  readonly figures: typeof import('./figures.js')
  readonly figureTexts: typeof import('./figure-texts.js')
  readonly rows: typeof import('./rows.js')
  readonly wiring: typeof import('./wiring.js')
  readonly checkRows: typeof import('./check-rows.js')
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
    readonly deadLetter: Validate
    readonly stopAbove: Validate
    readonly retryAttempts: Validate
    readonly rateLimit: Validate
    readonly announcements: Validate
    readonly oneAnnouncement: Validate
    readonly pairs: Validate
    readonly responseTopic: Validate
    readonly plainText: Validate
    readonly watchNodes: Validate
    readonly failStatus: Validate
    readonly failWhen: Validate
    readonly onSend: Validate
    readonly checkList: Validate
    readonly checkBroker: Validate
    readonly checkNodes: Validate
    readonly statusInterval: Validate
    readonly heardNodes: Validate
    readonly monitor: Validate
  }
  /** What validators are made of. */
  readonly checks: {
    figure(
      advice: string,
      read: (input: unknown) => import('./grammar.js').Figure<unknown>,
      leeway: object,
    ): Validate
    duration(field: keyof typeof import('./figures.js')['ranges']): Validate
    count(field: keyof typeof import('./figures.js')['ranges'], mayBeEmpty?: boolean): Validate
    isLeftOut(value: unknown, mayBeEmpty: boolean): boolean
    readonly readers: WeakMap<Validate, (input: unknown) => import('./grammar.js').Figure<unknown>>
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
  /** The fields of the widget of outcomes. */
  outcomeFields(failStatus?: string): FieldsOf<import('./outcome-settings.js').OutcomeForm>
  /** How a node with two outputs stands in the palette and on the canvas. */
  head(look: {
    readonly color: string
    readonly icon: string
    /** Keys of their labels, below `output`. */
    readonly outputs: readonly string[]
  }): Omit<Definition<object, never>, 'defaults'>
  /** The same, and the dialog, of a node with the widget of outcomes. */
  outcomeHead: ResilienceWidgets['head']
  /** After `prepare`: brings the widget of outcomes to life. */
  prepareOutcome(node: EditorNode): void
  /**
   * After `prepare`: brings the tree of watched nodes to life, where there are no outcomes. Offers
   * nodes with an input on the same tab, or those of all tabs that fit.
   */
  prepareWatch(node: EditorNode, fits?: (other: EditorNode) => boolean): void
  /** In `oneditsave`: what was picked, for `this.watchNodes`. */
  watchedNodes(node: EditorNode): string[]
  /** In `onadd`: the id for `this.deadLetter` of a new node. */
  deadLetterFor(node: EditorNode & { readonly deadLetter?: string }): string
  /** The control of a field in the open dialog. */
  control(node: EditorNode, field: string): Control

  // Among the widgets only
  /** A common word. */
  say(key: string, values?: Readonly<Record<string, string>>): string
  now(node: EditorNode, field: string): unknown
  canonical(validate: Validate | undefined, value: string): string
  prepareLists(form: HTMLFormElement): void
  prepareTypedInputs(form: HTMLFormElement): void
  prepareLimits(form: HTMLFormElement): void
  preparePickers(node: EditorNode, form: HTMLFormElement): void
  showSentences(form: HTMLFormElement): void
}

declare const Resilience: ResilienceWidgets
