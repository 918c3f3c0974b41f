/**
 * One figure of a bench, beside what it is compared with and what was promised: for people a line
 * of a table, for machines a line of JSON. It judges by the budget alone and fails nothing.
 */

/** A promise about the ratio of ours to the reference, or about our figure itself. */
export type Budget =
  | { readonly of: 'ratio' | 'ours'; readonly atLeast: number }
  | { readonly of: 'ratio' | 'ours'; readonly atMost: number }

export interface Row {
  readonly suite: string
  readonly case: string
  readonly ours: number
  /** Null when there is nothing in this run to compare with. */
  readonly reference: number | null
  readonly unit: string
  readonly ratio: number | null
  /** As text: a bare figure bounds the ratio, one with a unit bounds ours. */
  readonly budget: string | null
  readonly met: boolean | null
}

export interface Measured {
  readonly case: string
  readonly ours: number
  readonly reference?: number | undefined
  readonly unit: string
  readonly budget?: Budget
}

export function rowOf(suite: string, measured: Measured): Row {
  const { ours, reference, unit, budget } = measured
  const ratio = reference === undefined || reference === 0 ? null : rounded(ours / reference)
  return {
    suite,
    case: measured.case,
    ours: rounded(ours),
    reference: reference === undefined ? null : rounded(reference),
    unit,
    ratio,
    budget: budget === undefined ? null : budgetText(budget, unit),
    met: budget === undefined ? null : isMet(budget, ours, ratio),
  }
}

function isMet(budget: Budget, ours: number, ratio: number | null): boolean | null {
  const value = budget.of === 'ratio' ? ratio : ours
  if (value === null) return null
  return 'atLeast' in budget ? value >= budget.atLeast : value <= budget.atMost
}

function budgetText(budget: Budget, unit: string): string {
  const text = 'atLeast' in budget ? `>= ${budget.atLeast}` : `<= ${budget.atMost}`
  return budget.of === 'ratio' ? text : `${text} ${unit}`
}

/** Whole above 100, three digits that count below. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}

const header = ['case', 'ours', 'reference', 'unit', 'ratio', 'budget', 'met']

export function table(rows: readonly Row[]): string {
  const lines = [header, ...rows.map(cellsOf)]
  const widths = header.map((_, column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? '').length)),
  )
  return lines
    .map((cells) =>
      cells
        .map((cell, i) => padded(cell, widths[i] ?? 0, i))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const leftColumns = [0, 3, 6]

function padded(cell: string, width: number, column: number): string {
  return leftColumns.includes(column) ? cell.padEnd(width) : cell.padStart(width)
}

function cellsOf(row: Row): string[] {
  const { ours, reference, unit, ratio, budget, met } = row
  const words = met === null ? '' : met ? 'yes' : 'NO'
  return [row.case, shown(ours), shown(reference), unit, shown(ratio), budget ?? '', words]
}

function shown(value: number | null): string {
  return value === null ? '-' : value.toLocaleString('en-US', { maximumSignificantDigits: 12 })
}
