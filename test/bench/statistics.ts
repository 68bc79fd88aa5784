/** The value below which the share `q` (0 to 1) of sorted values lies (nearest rank). */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const rank = Math.max(1, Math.ceil(q * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** What rounds are boiled down to: the middle, and how far they lie apart. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return { median: (lower + upper) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/**
 * The median of the ratios of each round. Candidates are measured one after the other within a round, so a machine
 * that is slow for a minute is slow for both, and the ratio holds where the figures drift.
 *
 * @param values and `base` by round number; rounds that only one of them has are left out
 */
export function pairedRatio(
  values: ReadonlyMap<number, number>,
  base: ReadonlyMap<number, number>,
): Spread | undefined {
  const ratios: number[] = [];
  for (const [round, value] of values) {
    const other = base.get(round);
    if (other !== undefined && other > 0) ratios.push(value / other);
  }
  return ratios.length > 0 ? spread(ratios) : undefined;
}
