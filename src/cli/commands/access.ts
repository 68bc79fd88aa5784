import { setTimeout as delay } from 'node:timers/promises';
import { follow } from '../access/follow.ts';
import { type AccessLine, type Field, FIELDS, isStream, readLine } from '../access/line.ts';
import { placeOf, type PlaceOptions } from '../access/place.ts';
import { filterOf, readAccess, type Wanted } from '../access/read.ts';
import { lengthOf, momentOf } from '../access/since.ts';
import { average, type Group, Tally } from '../access/tally.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { interruptible } from '../interrupt.ts';
import { createStyle } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine, pad } from '../text.ts';

/** What every one of the commands takes. */
export interface AccessOptions extends PlaceOptions {
  readonly since: string;
  readonly status?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** `sallyport access tail [-f]`: the last requests, and with `-f` those that come. */
export async function accessTail(
  options: Omit<AccessOptions, 'limit'> & { readonly lines: number; readonly follow?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const wanted = wantedBy(options);
  const path = await placeOf(options, terminal);
  const last: AccessLine[] = [];
  for await (const line of readAccess(path, wanted)) if (last.push(line) > options.lines) last.shift();
  for (const line of last) show(line, options, terminal);
  if (!options.follow) return EXIT.OK;
  const fits = filterOf(wanted);
  await interruptible(async (stopped) => {
    const wait = (ms: number): Promise<void> => delay(ms, undefined, { signal: stopped }).catch(() => {});
    for await (const text of follow(path, wait, stopped)) {
      const line = readLine(text);
      if (line && fits(line)) show(line, options, terminal);
    }
  });
  return EXIT.OK;
}

/** `sallyport access top [FIELD]`: who or what comes most often. */
export async function accessTop(by: string, options: AccessOptions, terminal: Terminal): Promise<ExitCode> {
  const field = fieldOf(by);
  const tally = new Tally(field);
  for await (const line of readAccess(await placeOf(options, terminal), wantedBy(options))) tally.see(line);
  const top = tally.mostOften(options.limit);
  if (options.json) return data({ field, top: top.map(({ value, count }) => ({ value, count })) }, terminal);
  table(
    ['requests', field],
    top.map(({ value, count }) => [String(count), value]),
    terminal,
  );
  return EXIT.OK;
}

/** `sallyport access slow [FIELD]`: what takes longer than a second on average. Open streams take as long as they last. */
export async function accessSlow(
  by: string,
  options: AccessOptions & { readonly over: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const field = fieldOf(by);
  const over = lengthOf(options.over);
  if (over === undefined)
    throw new Failure(EXIT.USAGE, `${JSON.stringify(options.over)} is no length of time`, [
      'write 500ms or 2s',
    ]);
  const tally = new Tally(field);
  for await (const line of readAccess(await placeOf(options, terminal), wantedBy(options)))
    if (!isStream(line)) tally.see(line);
  const slow = tally.slowerThan(over / 1000, options.limit).map(timesOf);
  if (options.json) return data({ field, slow }, terminal);
  const rows = slow.map((each) => [
    seconds(each.average),
    seconds(each.slowest),
    String(each.count),
    each.value,
  ]);
  table(['average', 'slowest', 'requests', field], rows, terminal);
  return EXIT.OK;
}

/** `sallyport access errors [FIELD]`: what was answered with 4xx and 5xx, and who got the most 429. */
export async function accessErrors(
  by: string,
  options: AccessOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const field = fieldOf(by);
  const byStatus = new Map<number, Tally>();
  const limited = new Tally('user');
  for await (const line of readAccess(await placeOf(options, terminal), wantedBy(options))) {
    if (line.status < 400) continue;
    const tally = byStatus.get(line.status) ?? new Tally(field);
    byStatus.set(line.status, tally);
    tally.see(line);
    if (line.status === 429) limited.see(line);
  }
  const errors = [...byStatus]
    .flatMap(([status, tally]) =>
      tally.mostOften(options.limit).map(({ value, count }) => ({ status, value, count })),
    )
    .sort((a, b) => b.count - a.count || a.status - b.status)
    .slice(0, options.limit);
  const users = limited.mostOften(options.limit).map(({ value, count }) => ({ value, count }));
  if (options.json) return data({ field, errors, limited: users }, terminal);
  table(
    ['requests', 'status', field],
    errors.map((each) => [String(each.count), String(each.status), each.value]),
    terminal,
  );
  if (users.length === 0) return EXIT.OK;
  terminal.stdout.write('\n');
  table(
    ['429', 'user'],
    users.map(({ value, count }) => [String(count), value]),
    terminal,
  );
  return EXIT.OK;
}

function wantedBy({ since, status }: Pick<AccessOptions, 'since' | 'status'>): Wanted {
  const wanted = { since: momentOf(since), status };
  filterOf(wanted);
  return wanted;
}

function fieldOf(text: string): Field {
  const field = FIELDS.find((each) => each === text);
  if (field) return field;
  throw new Failure(EXIT.USAGE, `${JSON.stringify(text)} cannot be counted by`, [
    `There are: ${FIELDS.join(', ')}`,
  ]);
}

function timesOf(group: Group) {
  const { value, count, slowest } = group;
  return { value, count, average: Math.round(average(group) * 1000) / 1000, slowest };
}

function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} s`;
}

function data(value: object, { stdout }: Terminal): ExitCode {
  stdout.write(`${JSON.stringify(value)}\n`);
  return EXIT.OK;
}

/** Columns of numbers, and the value behind them. */
function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { stdout, data: to }: Terminal,
): void {
  const style = createStyle(to.color);
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const lineOf = (row: readonly string[]): string =>
    row.map((cell, i) => (i === row.length - 1 ? oneLine(cell) : cell.padStart(widths[i] ?? 0))).join('  ');
  if (rows.length === 0) return void stdout.write(`${style.faint('nothing')}\n`);
  stdout.write(`${style.faint(lineOf(heads))}\n`);
  for (const row of rows) stdout.write(`${lineOf(row)}\n`);
}

function show(line: AccessLine, { json }: { readonly json?: boolean }, { stdout, data: to }: Terminal): void {
  if (json) return void stdout.write(`${JSON.stringify({ ...line, at: new Date(line.at).toISOString() })}\n`);
  const style = createStyle(to.color);
  const paint = line.status < 400 ? style.good : line.status < 500 ? style.warn : style.bad;
  const columns = [
    style.faint(new Date(line.at).toISOString().slice(0, 19).replace('T', ' ')),
    paint(String(line.status)),
    seconds(line.seconds).padStart(7),
    pad(oneLine(line.user ?? line.address ?? '-'), 20),
    oneLine(line.method),
    oneLine(line.path),
    style.faint(oneLine(line.agent ?? '')),
  ];
  stdout.write(`${columns.join(' ').trimEnd()}\n`);
}
