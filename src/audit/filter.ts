import type { AuditRecord } from './event.ts';

/** Is this a record that was asked for? */
export type Filter = (record: AuditRecord) => boolean;

/** A word of a filter that cannot be understood. */
export class FilterError extends Error {}

type Test = (value: string, now: number) => Filter;

const text =
  (member: (record: AuditRecord) => string | undefined): Test =>
  (value) => {
    const fits = glob(value);
    // Record after record says the same.
    let last = '';
    let fitted = fits(last);
    return (record) => {
      const given = member(record) ?? '';
      if (given !== last) {
        last = given;
        fitted = fits(given);
      }
      return fitted;
    };
  };

/** What can be asked for, each with an example. The same words for every command that reads a log. */
export const TERMS: ReadonlyMap<string, { readonly test: Test; readonly example: string }> = new Map([
  ['user', { test: text((record) => record.user_id), example: 'user:alice' }],
  ['client', { test: text((record) => record.client_id), example: 'client:claude*' }],
  ['tool', { test: text((record) => record.tool_name), example: 'tool:net__*' }],
  ['server', { test: text((record) => record.server), example: 'server:net' }],
  ['method', { test: text((record) => record.method), example: 'method:tools/call' }],
  ['event', { test: text((record) => record.event_type), example: 'event:refusal' }],
  ['outcome', { test: text((record) => record.outcome), example: 'outcome:denied' }],
  ['action', { test: text((record) => record.action_taken), example: 'action:masked' }],
  ['policy', { test: text((record) => record.policy), example: 'policy:rate*' }],
  ['ip', { test: text((record) => record.ip), example: 'ip:203.0.113.7' }],
  ['id', { test: text((record) => record.id), example: 'id:1f2e-3k' }],
  ['pii', { test: pii, example: 'pii:true' }],
  ['since', { test: (value, now) => from(moment(value, now)), example: 'since:1h' }],
  ['until', { test: (value, now) => until(moment(value, now)), example: 'until:2026-01-31' }],
]);

/**
 * A filter from words such as `user:alice tool:net__* outcome:-ok since:1h pii:true`. A record must fit every word; one
 * with a `-` behind the colon must not fit. `*` stands for anything, several values of one word stand with commas: `user:a,b`.
 *
 * @throws {FilterError} with what can be asked for
 */
export function parseFilter(words: readonly string[], now = Date.now()): Filter {
  const tests = words.flatMap((word) => word.split(/\s+/)).filter((word) => word !== '');
  const filters = tests.map((word) => parseWord(word, now));
  const [only, ...others] = filters;
  // Most rules are one word, and every record is put to all of them.
  return only && others.length === 0 ? only : (record) => filters.every((filter) => filter(record));
}

function parseWord(word: string, now: number): Filter {
  const [, name = '', minus, value = ''] = /^([a-z]+):(-?)(.+)$/.exec(word) ?? [];
  const term = TERMS.get(name);
  if (!term) {
    const known = [...TERMS.values()].map(({ example }) => example).join(' ');
    throw new FilterError(`${JSON.stringify(word)} is no filter. There are: ${known}`);
  }
  const any = value.split(',').map((one) => term.test(one, now));
  const [only, ...others] = any;
  const fits: Filter = only && others.length === 0 ? only : (record) => any.some((filter) => filter(record));
  return minus === '' ? fits : (record) => !fits(record);
}

/**
 * Without a case, `*` for anything. Piece after piece is looked for behind the one before it: no value and no pattern can
 * make that slow, as they can with a regular expression.
 */
function glob(pattern: string): (value: string) => boolean {
  const [first = '', ...others] = pattern.toLowerCase().split('*');
  const last = others.pop();
  return (value) => {
    const given = value.toLowerCase();
    if (last === undefined) return given === first;
    if (!given.startsWith(first)) return false;
    let at = first.length;
    for (const piece of others) {
      const found = given.indexOf(piece, at);
      if (found === -1) return false;
      at = found + piece.length;
    }
    return given.length - at >= last.length && given.endsWith(last);
  };
}

/** `true`, `false`, or a type: `pii:EMAIL_ADDRESS`. */
function pii(value: string): Filter {
  if (value === 'true' || value === 'false') return (record) => record.contains_pii === (value === 'true');
  return (record) => Object.hasOwn(record.pii ?? {}, value.toUpperCase());
}

function from(time: number): Filter {
  return (record) => Date.parse(record.timestamp) >= time;
}

function until(time: number): Filter {
  return (record) => Date.parse(record.timestamp) <= time;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

/** A time: so long ago (`90m`, `2d`), or a date. */
function moment(value: string, now: number): number {
  const [, digits, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(value) ?? [];
  const time = digits === undefined ? Date.parse(value) : now - Number(digits) * (UNITS.get(unit) ?? 0);
  if (Number.isNaN(time))
    throw new FilterError(`${JSON.stringify(value)} is no time. Write 30m, 2h, 7d, or 2026-01-31T09:00Z.`);
  return time;
}
