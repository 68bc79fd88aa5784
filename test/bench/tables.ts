import type { Candidate } from './candidates.ts';
import type { Machine } from './machine.ts';
import { number, percent, table, withRange } from './markdown.ts';
import { byRound, footprintsOf, windowsOf, type Footprint, type Results, type Window } from './results.ts';
import { FOOTPRINT, type LoadScenario } from './scenarios.ts';
import { pairedRatio, spread, type Spread } from './statistics.ts';
import { bestOf, judge } from './targets.ts';

/** All there is to know about a run. */
export interface Run {
  machine: Machine;
  /** How the echo child was made. */
  child: string;
  candidates: readonly Candidate[];
  scenarios: readonly LoadScenario[];
  rounds: number;
  warmUpSeconds: number;
  windowSeconds: number;
  results: Results;
}

/** All tables of a run, in Markdown. */
export function tables(run: Run): string {
  const sections = [
    ...run.scenarios.map((scenario) => section(scenario.title, loadTable(run, scenario), scenario.name)),
    section('At rest', footprintTable(run), FOOTPRINT),
    section('Targets', targetTable(run)),
    section('Failed', failureList(run.results)),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function section(title: string, body: string, scenario?: string): string {
  if (body === '') return '';
  return `### ${title}\n\n${body}${scenario ? `\n\`--scenario ${scenario}\`\n` : ''}`;
}

const requestRate = (row: Window): number => row.requestsPerSecond;

function loadTable({ candidates, results }: Run, { name: scenario, call }: LoadScenario): string {
  const present = candidates.filter((one) => windowsOf(results, scenario, one.name).length > 0);
  if (present.length === 0) return '';
  const npmPeers = present.filter((one) => one.npmPeer).map((one) => one.name);
  const bestPeer = bestOf(results, scenario, npmPeers);
  const large = call.tool === 'blob';
  const rows = present.map(({ name }) => {
    const windows = windowsOf(results, scenario, name);
    const of = (figure: (row: Window) => number): Spread => spread(windows.map(figure));
    const ratioTo = (other: string | undefined): string => {
      const base = other === undefined ? [] : windowsOf(results, scenario, other);
      const ratio = pairedRatio(byRound(windows, requestRate), byRound(base, requestRate));
      return ratio ? `${number(ratio.median, 2)} ×` : '–';
    };
    const busy = [of((row) => row.serverBusy), of((row) => row.generatorBusy)];
    return [
      name,
      withRange(large ? of((row) => row.bytesPerSecond / 1e6) : of(requestRate), 0),
      ratioTo('bare'),
      ratioTo(bestPeer),
      `${number(of((row) => row.p50).median, 2)} ms`,
      `${withRange(
        of((row) => row.p99),
        2,
      )} ms`,
      `${number(of((row) => row.cpuMicrosecondsPerRequest).median, 1)} µs`,
      `${number(of((row) => row.peakResident / 2 ** 20).median, 0)} MiB`,
      busy.map(({ median }) => percent(median)).join(' / '),
    ];
  });
  const unit = large ? 'MB/s' : 'requests/s';
  return table(
    [
      '',
      unit,
      'to bare',
      'to best npm peer',
      'p50',
      'p99',
      'CPU a request',
      'peak RSS',
      'busy: server / load',
    ],
    rows,
  );
}

function footprintTable({ results, candidates }: Run): string {
  const present = candidates.filter((one) => footprintsOf(results, one.name).length > 0);
  if (present.length === 0) return '';
  const rows = present.map(({ name }) => {
    const footprints = footprintsOf(results, name);
    const ranged = (figure: (row: Footprint) => number, digits: number): string =>
      withRange(spread(footprints.map(figure)), digits);
    return [
      name,
      `${ranged((row) => row.startMilliseconds, 0)} ms`,
      `${ranged((row) => row.idleResident / 2 ** 20, 0)} MiB`,
      `${ranged((row) => row.bytesPerSession / 2 ** 10, 1)} KiB`,
      ranged((row) => row.processesPerSession, 0),
    ];
  });
  return table(['', 'start to first answer', 'idle RSS', 'an idle session', 'processes a session'], rows);
}

function targetTable({ results, candidates }: Run): string {
  const npmPeers = candidates.filter((one) => one.npmPeer).map((one) => one.name);
  const targets = judge(results, npmPeers);
  if (targets.length === 0) return '';
  return table(
    ['target', 'measured', ''],
    targets.map(({ text, measured, reached }) => [text, measured, reached ? 'reached' : '**not reached**']),
  );
}

function failureList({ failures }: Results): string {
  return failures
    .map(({ candidate, scenario, round, reason }) => {
      const [firstLine = ''] = reason.split('\n');
      return `- ${candidate}, ${scenario}, round ${round}: ${firstLine}\n`;
    })
    .join('');
}
