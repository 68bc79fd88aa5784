import type { Spread } from './statistics.ts';

/** A Markdown table that also reads well on a terminal: padded columns, all but the first set to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const padded = (row: readonly string[]): string =>
    line(widths.map((width, i) => (i === 0 ? (row[i] ?? '').padEnd(width) : (row[i] ?? '').padStart(width))));
  const rule = line(widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return `${[padded(head), rule, ...rows.map(padded)].join('\n')}\n`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function number(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `31,200 (30,900–31,600)`: the median and how far the rounds lie apart. */
export function withRange({ median, min, max }: Spread, digits: number): string {
  if (min === max) return number(median, digits);
  return `${number(median, digits)} (${number(min, digits)}–${number(max, digits)})`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
