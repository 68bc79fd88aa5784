import { setTimeout as delay } from 'node:timers/promises';
import { lineOf } from '../../audit/chain.ts';
import type { AuditRecord } from '../../audit/event.ts';
import { CSV_HEAD, csvLine } from '../../audit/export.ts';
import { logFiles } from '../../audit/files.ts';
import { type Filter, FilterError, parseFilter } from '../../audit/filter.ts';
import { follow } from '../../audit/follow.ts';
import { readLog } from '../../audit/read.ts';
import { chainState, reportPage } from '../../audit/report.ts';
import { verdictOn } from '../../audit/state.ts';
import { Counter, type Field, FIELDS, summarise } from '../../audit/summary.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { interruptible } from '../interrupt.ts';
import { createStyle } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { pad, printable } from '../text.ts';
import { placeOf, type PlaceOptions } from './audit-place.ts';

interface Shown extends PlaceOptions {
  readonly json?: boolean;
}

/** `sallyport audit search [FILTER…]`: the records that fit, the oldest first. */
export async function auditSearch(
  words: readonly string[],
  options: Shown & { readonly limit?: number },
  terminal: Terminal,
): Promise<ExitCode> {
  const { log } = await existing(options, terminal);
  const kept: AuditRecord[] = [];
  const { limit = Infinity } = options;
  for await (const record of readLog(log, filterOf(words))) {
    if (limit === Infinity) show(record, options, terminal);
    else if (kept.push(record) > limit) kept.shift();
  }
  for (const record of kept) show(record, options, terminal);
  return EXIT.OK;
}

/** `sallyport audit tail [-f] [FILTER…]`: the last records, and with `-f` what comes. */
export async function auditTail(
  words: readonly string[],
  options: Shown & { readonly lines: number; readonly follow?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { log } = await placeOf(options, terminal);
  const filter = filterOf(words);
  const last: AuditRecord[] = [];
  let seq = 0;
  for await (const record of readLog(log)) {
    seq = record.seq;
    if (filter(record) && last.push(record) > options.lines) last.shift();
  }
  for (const record of last) show(record, options, terminal);
  if (!options.follow) return EXIT.OK;
  await interruptible(async (stopped) => {
    const wait = (ms: number): Promise<void> => delay(ms, undefined, { signal: stopped }).catch(() => {});
    for await (const record of follow(log, seq, wait, stopped))
      if (filter(record)) show(record, options, terminal);
  });
  return EXIT.OK;
}

/** `sallyport audit top FIELD [FILTER…]`: what occurs most. */
export async function auditTop(
  field: string,
  words: readonly string[],
  options: Shown & { readonly limit: number },
  terminal: Terminal,
): Promise<ExitCode> {
  if (!isField(field))
    throw new Failure(EXIT.USAGE, `${JSON.stringify(field)} cannot be counted by`, [
      `There are: ${FIELDS.join(', ')}`,
    ]);
  const { log } = await existing(options, terminal);
  const counter = new Counter(field);
  for await (const record of readLog(log, filterOf(words))) counter.see(record);
  const top = counter.top(options.limit);
  if (options.json) terminal.stdout.write(`${JSON.stringify({ field, top })}\n`);
  else {
    const width = Math.max(0, ...top.map(({ count }) => String(count).length));
    for (const { value, count } of top)
      terminal.stdout.write(`${String(count).padStart(width)}  ${printable(value)}\n`);
  }
  return EXIT.OK;
}

/** `sallyport audit export [FILTER…]`: CSV, or with `--json` the lines as they were written. */
export async function auditExport(
  words: readonly string[],
  options: Shown,
  terminal: Terminal,
): Promise<ExitCode> {
  const { log } = await existing(options, terminal);
  if (!options.json) terminal.stdout.write(CSV_HEAD);
  for await (const record of readLog(log, filterOf(words)))
    terminal.stdout.write(options.json ? lineOf(record) : csvLine(record));
  return EXIT.OK;
}

/** `sallyport audit verify`: exit code 1 and the first bad record, when the log is not what was written. */
export async function auditVerify(
  options: Shown & { readonly keys?: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const verdict = await verdictOf(options, terminal);
  if (options.json) terminal.stdout.write(`${JSON.stringify({ valid: !verdict.problem, ...verdict })}\n`);
  else terminal.stdout.write(`The chain is ${chainState(verdict)}\n`);
  return verdict.problem ? EXIT.FAILED : EXIT.OK;
}

/** `sallyport audit report [FILTER…]`: a page in Markdown, or with `--json` the same as an object. */
export async function auditReport(
  words: readonly string[],
  options: Shown,
  terminal: Terminal,
): Promise<ExitCode> {
  const { log } = await existing(options, terminal);
  const summary = await summarise(readLog(log, filterOf(words)));
  const verdict = await verdictOf(options, terminal);
  terminal.stdout.write(
    options.json
      ? `${JSON.stringify({ summary, chain: verdict })}\n`
      : reportPage(summary, chainState(verdict)),
  );
  return EXIT.OK;
}

async function verdictOf(options: Shown & { readonly keys?: string }, terminal: Terminal) {
  const paths = await existing(options, terminal);
  return verdictOn({ ...paths, keys: options.keys ?? paths.keys });
}

async function existing(options: PlaceOptions, terminal: Terminal) {
  const paths = await placeOf(options, terminal);
  if ((await logFiles(paths.log)).length > 0) return paths;
  throw new Failure(EXIT.FAILED, `there is no audit log at ${paths.log}`, [
    'a gateway writes one when its config says audit: {}; --config or --file name another place',
  ]);
}

function filterOf(words: readonly string[]): Filter {
  try {
    return parseFilter(words);
  } catch (error) {
    if (error instanceof FilterError) throw new Failure(EXIT.USAGE, error.message, [], { cause: error });
    throw error;
  }
}

function isField(text: string): text is Field {
  return (FIELDS as readonly string[]).includes(text);
}

function show(record: AuditRecord, { json }: Shown, { stdout, data }: Terminal): void {
  if (json) return void stdout.write(lineOf(record));
  const style = createStyle(data.color);
  const {
    timestamp,
    user_id: user,
    outcome,
    action_taken: action,
    policy,
    pii = {},
    duration_ms: ms,
  } = record;
  const paint = outcome === 'ok' ? style.good : outcome === 'denied' ? style.bad : style.warn;
  const kinds = Object.entries(pii).map(([type, count]) => `${type}×${count}`);
  const details = [
    action === 'forwarded' ? '' : action,
    policy ?? '',
    kinds.join(' '),
    ms === undefined ? '' : `${ms} ms`,
  ];
  const columns = [
    style.faint(timestamp.slice(0, 19).replace('T', ' ')),
    pad(printable(user), 18),
    pad(
      record.tool_name === undefined
        ? printable(record.method ?? record.event_type)
        : printable(record.tool_name),
      28,
    ),
    paint(pad(outcome, 8)),
    style.faint(printable(details.filter((detail) => detail !== '').join('  '))),
  ];
  stdout.write(`${columns.join('  ').trimEnd()}\n`);
}
