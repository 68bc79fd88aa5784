// Runs the official conformance suites against the built gateway, in front of an upstream over stdio or over HTTP.
//   node test/conformance/run.ts [--era both|legacy|modern] [--transport stdio|http] [--suite NAME] [--report FILE] [--keep]
//   node test/conformance/run.ts --client connect|gateway …
// With --client it runs the client suites through ours instead. Without --era, --transport and --client everything is
// run. A failure that the baseline does not list, alone as beside the others, and an entry of the baseline that no longer
// fails, fail the run. --report writes the counts for scripts/test.mjs; --keep leaves the
// suites' own results in .conformance/.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startGateway } from '../support/gateway.ts';
import { COMPILED, eventually, ROOT, start, temporaryFolder } from '../support/processes.ts';
import {
  type Baseline,
  FLAVOURS,
  type Flavour,
  isSurprise,
  judge,
  readBaseline,
  type Verdict,
} from './baseline.ts';
import {
  CLIENT_SUITES,
  onlyScenario,
  type Outcome,
  runClientSuite,
  runSuite,
  type Suite,
  SUITES,
  type Way,
  WAYS,
} from './suites.ts';

const UPSTREAM = join(import.meta.dirname, 'upstream', 'server.mjs');

const TRANSPORTS = ['stdio', 'http'] as const;
type Transport = (typeof TRANSPORTS)[number];

/** An upstream, as the gateway's configuration names it. */
interface Upstream extends AsyncDisposable {
  readonly entry: object;
}

async function startUpstream(flavour: Flavour, transport: Transport): Promise<Upstream> {
  const args = [UPSTREAM, transport, '--era', flavour];
  // Over stdio the gateway itself starts it.
  if (transport === 'stdio')
    return { entry: { command: process.execPath, args }, [Symbol.asyncDispose]: async () => {} };
  const program = start(process.execPath, args);
  const url = await eventually('the upstream listens', () => /http:\S+/.exec(program.stderr())?.[0]);
  return {
    entry: { url },
    async [Symbol.asyncDispose]() {
      await program.stop();
    },
  };
}

const isWanted = ({ name }: Suite): boolean => values.suite === undefined || values.suite === name;

/** What the suites are held against: a gateway in front of an upstream, or ours as a client. */
interface Subject {
  /** As the report names it. */
  readonly what: string;
  /** Its results are kept under this name. */
  readonly folder: string;
  readonly suites: readonly Suite[];
  readonly baseline: Baseline;
  /** Runs suites, one after the other. */
  run(suites: readonly Suite[], folder: string): Promise<Outcome[][]>;
}

/** A gateway with one upstream. */
function gatewayBefore(flavour: Flavour, transport: Transport): Subject {
  return {
    what: `upstream ${flavour} over ${transport}`,
    folder: `${flavour}-${transport}`,
    suites: SUITES.filter(isWanted),
    baseline: readBaseline(flavour),
    async run(suites, folder) {
      await using upstream = await startUpstream(flavour, transport);
      // The suites cannot send a token.
      await using gateway = await startGateway({
        config: { mcpServers: { upstream: upstream.entry } },
        args: ['--no-auth'],
      });
      const outcomes: Outcome[][] = [];
      for (const suite of suites) {
        outcomes.push(await runSuite(suite, gateway.endpoint, join(folder, suite.name)));
      }
      if (surprises(this, suites, outcomes).length > 0) {
        console.log(`${this.what}, the gateway said:\n${gateway.program.stderr().slice(-4000)}`);
      }
      return outcomes;
    },
  };
}

/** Ours as the client. */
function clientThrough(way: Way): Subject {
  return {
    what: `client through ${way}`,
    folder: `client-${way}`,
    suites: CLIENT_SUITES.filter(isWanted),
    baseline: readBaseline(way),
    async run(suites, folder) {
      const outcomes: Outcome[][] = [];
      for (const suite of suites) outcomes.push(await runClientSuite(suite, way, join(folder, suite.name)));
      return outcomes;
    },
  };
}

interface Surprise {
  readonly suite: Suite;
  readonly index: number;
  readonly scenario: string;
}

/** What failed of which the baseline says nothing. */
function surprises(subject: Subject, suites: readonly Suite[], outcomes: Outcome[][]): Surprise[] {
  return suites.flatMap((suite, at) =>
    (outcomes[at] ?? []).flatMap((outcome, index) =>
      isSurprise(suite.name, outcome, subject.baseline) ? [{ suite, index, scenario: outcome.scenario }] : [],
    ),
  );
}

/** A gateway that does not work fails more of them, and they need not be waited for twice. */
const REPEATED_AT_MOST = 5;

/**
 * The suites give an answer as little as 600 ms, and run beside each other (those for clients start a hundred processes
 * at once). So what fails by surprise is run once more, alone, and that counts; it is said.
 */
async function repeatSurprises(subject: Subject, outcomes: Outcome[][], folder: string): Promise<void> {
  const failed = surprises(subject, subject.suites, outcomes);
  if (failed.length > REPEATED_AT_MOST) return;
  for (const { suite, index, scenario } of failed) {
    const [[again] = []] = await subject.run(
      [onlyScenario(suite, scenario)],
      join(folder, 'again', scenario),
    );
    const list = outcomes[subject.suites.indexOf(suite)];
    if (!again || !list) continue;
    console.log(`${subject.what}: ${suite.name}/${scenario} failed beside others; alone it ${again.state}`);
    list[index] = { ...again, scenario };
  }
}

/** How many scenarios of each suite passed: `0.1.16: 32 of 32`. */
function suiteLines({ passed, failed, expected, skipped }: Verdict): string[] {
  const suiteOf = (name: string): string => name.slice(0, name.indexOf('/'));
  const others = [...failed, ...expected, ...skipped].map(({ name }) => name);
  const all = [...passed, ...others].map(suiteOf);
  return [...new Set(all)].map((suite) => {
    const good = passed.filter((name) => suiteOf(name) === suite).length;
    return `  ${suite}: ${good} of ${all.filter((each) => each === suite).length}`;
  });
}

function print(what: string, verdict: Verdict): void {
  const { passed, failed, expected, skipped } = verdict;
  const counts = `${passed.length} passed, ${failed.length} failed, ${expected.length} expected failures`;
  console.log(`\n${what}: ${counts}`);
  for (const line of suiteLines(verdict)) console.log(line);
  for (const reason of new Set(expected.map((entry) => entry.reason))) {
    const names = expected.filter((entry) => entry.reason === reason).map(({ name }) => name);
    console.log(`  expected: ${reason.trim()}\n    ${names.join(' ')}`);
  }
  for (const { name, reason } of skipped) console.log(`  skipped by the suite: ${name}: ${reason}`);
  for (const { name, details } of failed) console.log(`  FAILED ${name}\n    ${details.join('\n    ')}`);
}

const { values } = parseArgs({
  options: {
    era: { type: 'string' },
    transport: { type: 'string' },
    suite: { type: 'string' },
    client: { type: 'string' },
    report: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const flavours = FLAVOURS.filter((flavour) => values.era === undefined || values.era === flavour);
if (flavours.length === 0) throw new Error(`--era is one of ${FLAVOURS.join(', ')}`);
const transports = TRANSPORTS.filter(
  (transport) => values.transport === undefined || values.transport === transport,
);
if (transports.length === 0) throw new Error(`--transport is one of ${TRANSPORTS.join(', ')}`);
const suiteNames = [...SUITES, ...CLIENT_SUITES].map(({ name }) => name);
if (values.suite !== undefined && !suiteNames.includes(values.suite)) {
  throw new Error(`--suite is one of ${suiteNames.join(', ')}`);
}
const ways = WAYS.filter((way) => values.client === undefined || values.client === way);
if (ways.length === 0) throw new Error(`--client is one of ${WAYS.join(', ')}`);
const isOnlyClient = values.client !== undefined;
const isOnlyServer = !isOnlyClient && (values.era !== undefined || values.transport !== undefined);

const kept = join(ROOT, '.conformance');
if (values.keep) rmSync(kept, { recursive: true, force: true });
using scratch = temporaryFolder();
const tally = { passed: 0, failed: 0, errors: [] as string[], skipped: [] as object[] };
const folder = values.keep ? kept : scratch.path;

function count(what: string, verdict: Verdict): void {
  // A suite of the other side was asked for.
  if (Object.values(verdict).every((list: readonly unknown[]) => list.length === 0)) return;
  print(what, verdict);
  tally.passed += verdict.passed.length;
  tally.failed += verdict.failed.length;
  for (const { name, reason } of verdict.skipped) {
    tally.skipped.push({ name: `conformance, ${what}: ${name}`, reason });
  }
}

// For the suites, and for the hundreds of clients and gateways that they start.
process.env['NODE_COMPILE_CACHE'] = COMPILED;

async function judged(subject: Subject, results: Outcome[][]): Promise<void> {
  await repeatSurprises(subject, results, join(folder, subject.folder));
  const named = subject.suites.map(({ name }, at): [string, Outcome[]] => [name, results[at] ?? []]);
  count(subject.what, judge(new Map(named), subject.baseline));
}

const runAll = (subject: Subject): Promise<Outcome[][]> =>
  subject.run(subject.suites, join(folder, subject.folder));

// The suites for servers mostly wait for what they have asked, and each asks a gateway of its own: all at once.
const servers = isOnlyClient
  ? []
  : flavours.flatMap((flavour) => transports.map((transport) => gatewayBefore(flavour, transport)));
const outcomes = await Promise.all(servers.map(runAll));
for (const [index, subject] of servers.entries()) await judged(subject, outcomes[index] ?? []);
// Those for clients start a hundred processes at once as it is.
for (const subject of isOnlyServer ? [] : ways.map(clientThrough))
  await judged(subject, await runAll(subject));
console.log(`\nconformance: ${tally.passed} passed, ${tally.failed} failed`);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(tally));
process.exitCode = tally.failed === 0 ? 0 : 1;
