/**
 * Figures as a person reads them: short, with a unit, the same in a status, in the log and in the
 * sidebar. It imports nothing, so that the editor can use it too.
 */

const sizes = ['B', 'KB', 'MB', 'GB', 'TB']

/** `1536` as `1.5 KB`; 1 KB = 1024 B. */
export function sizeText(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  return `${value < 10 && step > 0 ? value.toFixed(1) : Math.round(value)} ${sizes[step]}`
}

/** `81000` as `81 s`: at most two figures, the largest unit that leaves a whole number. */
export function spanText(span: number): string {
  if (span < 1000) return `${Math.round(span)} ms`
  if (span < 120_000) return `${Math.round(span / 1000)} s`
  if (span < 7_200_000) return `${Math.round(span / 60_000)} min`
  return span < 172_800_000
    ? `${Math.round(span / 3_600_000)} h`
    : `${Math.round(span / 86_400_000)} d`
}

/** `1204` as `1,204`, `12345` as `12k`, `1234567` as `1.2M`. */
export function countText(count: number, thousands = ','): string {
  if (count < 10_000) return grouped(count, thousands)
  if (count < 1_000_000) return `${Math.floor(count / 1000)}k`
  return `${(Math.floor(count / 100_000) / 10).toString()}M`
}

/**
 * What stands between thousands goes with the words: to a German reader `1,204` is little more than
 * one. A decimal point stays one in every language, for one digit behind it cannot be a thousand.
 */
export function grouped(value: number, thousands: string): string {
  return value.toLocaleString('en-US').replaceAll(',', thousands)
}

/** The time of day, where whoever reads it is. `at` is epoch ms, as in what follows. */
export function clockText(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}

/** The same with its date: `2026-11-21 14:02:11`. */
export function momentText(at: number): string {
  return `${new Date(at).toLocaleDateString('sv-SE')} ${clockText(at)}`
}
