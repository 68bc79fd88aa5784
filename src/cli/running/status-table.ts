import type { ChildReport, GatewayReport, ServerReport } from '../../admin/report.ts';
import type { Style } from '../style.ts';
import { displayWidth, oneLine, pad } from '../text.ts';
import { bytes, several, time } from './amounts.ts';
import { certificateLines } from './certificate-lines.ts';

/** Processes of one server that are shown; with many users there are many. */
const SHOWN = 8;
const HEADINGS = ['SERVER', 'STATE', 'PROCESSES', 'CALLS', 'PARKED', 'RESTARTS', 'MEMORY'];
/** From this column on there are numbers, which stand at the right. */
const FIRST_NUMBER = 2;

export interface TableOptions {
  readonly style: Style;
  /** Cells of a line. */
  readonly columns: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The gateway for a person at a terminal: a headline, a table of servers, their processes and their troubles. */
export function statusLines(report: GatewayReport, options: TableOptions): string[] {
  const { style, now } = options;
  const children = report.servers.flatMap((server) => server.children);
  const { processes: running, waiting, limits } = report.capacity;
  const parked = children.filter((child) => child.parked).length;
  const servers = report.servers.reduce((total, server) => total + memoryOf(server), 0);
  return [
    `${style.strong(`Sallyport ${report.version}`)} at ${style.link(report.endpoint)}`,
    style.faint(
      [
        `pid ${report.pid}`,
        `up ${time(now - report.startedAt)}`,
        several(report.sessions, 'session'),
        `${running} of ${several(limits.processes, 'process', 'processes')}`,
        ...(waiting > 0 ? [`${waiting} waiting for one`] : []),
        several(parked, 'parked call'),
        `${bytes(report.memory)} + ${bytes(servers)} in servers`,
      ].join(' · '),
    ),
    '',
    ...(report.servers.length === 0
      ? ['There is no server: add one to the config.']
      : table(report, options)),
    ...(report.certificates ? ['', ...certificateLines(report.certificates, options)] : []),
  ];
}

function table({ servers }: GatewayReport, options: TableOptions): string[] {
  const rows = servers.map(cells);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => displayWidth(row[column] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < FIRST_NUMBER ? pad(cell, width) : ' '.repeat(width - displayWidth(cell)) + cell;
      })
      .join('  ');
  return [
    `  ${options.style.faint(line(HEADINGS))}`,
    ...servers.flatMap((server, index) => [
      `${mark(server, options.style)} ${line(rows[index] ?? [])}`,
      ...processes(server, options),
      ...troubles(server, options),
    ]),
  ];
}

function cells(server: ServerReport): string[] {
  const { name, kind, state, breaker, spares, children, restarts } = server;
  const memory = memoryOf(server);
  const local = children.filter(({ pid }) => pid !== undefined).length;
  return [
    oneLine(name),
    breaker ? `${state}, breaker ${breaker.state}` : state,
    processCount(kind, local, spares),
    String(children.reduce((calls, child) => calls + child.calls, 0)),
    String(children.filter((child) => child.parked).length),
    String(restarts),
    memory === 0 ? '-' : bytes(memory),
  ];
}

function processCount(kind: ServerReport['kind'], running: number, spares: number): string {
  if (kind === 'http' || kind === 'builtin') return '-';
  return spares === 0 ? String(running) : `${running} + ${spares} spare`;
}

function mark({ state, breaker }: ServerReport, style: Style): string {
  if (state === 'failed' || breaker) return style.bad('✗');
  if (state === 'ready') return style.good('✓');
  return state === 'idle' ? style.faint('·') : style.warn('…');
}

/** Whose process is which, where there is something to tell apart. */
function processes({ children }: ServerReport, { style, now }: TableOptions): string[] {
  const local = children.filter(({ pid }) => pid !== undefined);
  const lines = local.slice(0, SHOWN).map((child) => style.faint(`    ${processLine(child, now)}`));
  const more = local.length - SHOWN;
  return more > 0
    ? [...lines, style.faint(`    and ${several(more, 'more process', 'more processes')}`)]
    : lines;
}

function processLine(child: ChildReport, now: number): string {
  const { pid, principal, state, calls, parked, restarts, startedAt, lastUsedAt, memory } = child;
  return [
    `pid ${pid ?? '-'}`,
    principal === undefined ? 'shared' : oneLine(principal),
    ...(state === 'ready' ? [`up ${time(now - startedAt)}`] : [state]),
    ...(calls > 0 ? [several(calls, 'call')] : [`idle ${time(now - Math.max(lastUsedAt, startedAt))}`]),
    ...(parked ? ['parked'] : []),
    ...(restarts > 0 ? [several(restarts, 'restart')] : []),
    ...(memory === undefined ? [] : [bytes(memory)]),
  ].join(' · ');
}

function troubles(server: ServerReport, options: TableOptions): string[] {
  const { style, now, columns } = options;
  const { breaker, lastError, detail } = server;
  const lines: string[] = [];
  if (breaker) {
    const next = breaker.retryAt > now ? `next try in ${time(breaker.retryAt - now)}` : 'next try now';
    lines.push(`failed ${several(breaker.failures, 'time')} in a row, ${next}`);
  }
  const told = lastError && `${time(now - lastError.at)} ago: ${lastError.message}`;
  const problem = told ?? detail;
  if (problem !== undefined) lines.push(problem);
  const paint = server.state === 'failed' || breaker ? style.bad : style.warn;
  return lines.map((line) => paint(`    ${cut(oneLine(line), columns - 4)}`));
}

function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (displayWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Of all processes of a server, spare ones included. */
function memoryOf({ children, spareMemory = 0 }: ServerReport): number {
  return children.reduce((total, { memory = 0 }) => total + memory, spareMemory);
}
