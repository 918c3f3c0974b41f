/**
 * What the pages of the sidebar and the frame around them promise each other. Each page is a script
 * of its own in the browser, and meets the frame here only.
 */

type PageName = 'overview' | 'letters' | 'timeline'

/** How a page speaks with the gateway and with the person in front of it. */
interface SidebarHost {
  /** The answer to GET, `path` below `/resilience`. Rejects with a Refusal. */
  get<Answer>(path: string): Promise<Answer>
  /** The same for what changes something. */
  send<Answer>(method: 'POST' | 'DELETE', path: string, body?: object): Promise<Answer>
  /** Whether this person may change anything; without it, buttons are absent. */
  readonly mayWrite: boolean
  /** A word of the sidebar's own locale. */
  word(key: string, values?: Readonly<Record<string, string | number>>): string
  /** Shows a node on the canvas, or says that it is not there. */
  reveal(nodeId: string): void
  /** Beside the page's name; 0 shows nothing. */
  badge(count: number): void
  /** A line at the top for a while, read out too: what was done, or what went wrong. */
  say(text: string, isTrouble?: boolean): void
}

/** Why the gateway said no, in words for a person. */
interface Refusal extends Error {
  readonly code: string
}

/** A page that was built: once in the life of the editor. */
interface SidebarView {
  readonly element: HTMLElement
  /** It is looked at from now on. */
  show(): void
  hide(): void
  /** Something has changed on the gateway: told at most twice a second, while it is looked at. */
  changed(): void
}

type BuildPage = (host: SidebarHost) => SidebarView
