import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

/** `1h`, `30m`, `7d`: so long; milliseconds. Undefined for what is none. */
export function lengthOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|[smhdw])$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (unit === 'ms' ? 1 : (UNITS.get(unit) ?? 0));
}

/**
 * So long ago, or a date; milliseconds since 1970.
 * @throws {Failure} for what is neither
 */
export function momentOf(text: string, now = Date.now()): number {
  const length = lengthOf(text);
  const time = length === undefined ? Date.parse(text) : now - length;
  if (!Number.isNaN(time)) return time;
  throw new Failure(EXIT.USAGE, `${JSON.stringify(text)} is no time`, [
    'write 30m, 2h, 7d, or 2026-01-31T09:00Z',
  ]);
}
