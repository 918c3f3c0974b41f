/**
 * The small plot of the last minutes: points as the path of a drawing, and the same in figures for
 * those who do not see it. It imports nothing and touches no page.
 */

export interface Size {
  readonly width: number
  readonly height: number
}

/** A line through all points, the highest at the top; '' without two, and where all are 0. */
export function linePath(points: readonly number[], { width, height }: Size): string {
  const max = Math.max(0, ...points)
  if (points.length < 2 || max === 0) return ''
  const places = points.map((point, at) => {
    const x = (at * width) / (points.length - 1)
    const y = height - (Math.max(0, point) * height) / max
    return `${short(x)},${short(y)}`
  })
  return `M${places.join('L')}`
}

/** The same with what is below it. */
export function areaPath(points: readonly number[], size: Size): string {
  const line = linePath(points, size)
  return line === '' ? '' : `${line}L${size.width},${size.height}L0,${size.height}Z`
}

const short = (figure: number): number => Math.round(figure * 10) / 10

/** What a person would read off it; undefined without two points, and where nothing ever was. */
export function readingOf(
  points: readonly number[],
): { readonly from: number; readonly to: number; readonly last: number } | undefined {
  const last = points.at(-1)
  const to = Math.max(0, ...points)
  if (last === undefined || points.length < 2 || to === 0) return undefined
  return { from: Math.min(...points), to, last }
}
