// Runs the official conformance suites against the built gateway, in front of an upstream over stdio or over HTTP.
//   node test/conformance/run.ts [--era both|legacy|modern] [--transport stdio|http] [--suite NAME] [--report FILE] [--keep]
//   node test/conformance/run.ts --client connect|gateway …
// With --client it runs the client suites through ours instead. Without --era, --transport and --client everything is run. A failure that the era's baseline does not list, and an entry of the
// baseline that no longer fails, fail the run. --report writes the counts for scripts/test.mjs; --keep leaves the
// suites' own results in .conformance/.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startGateway } from '../support/gateway.ts';
import { COMPILED, eventually, ROOT, start, temporaryFolder } from '../support/processes.ts';
import { FLAVOURS, type Flavour, isSurprise, judge, readBaseline, type Verdict } from './baseline.ts';
import { CLIENT_SUITES, type Outcome, runClientSuite, runSuite, SUITES, type Way, WAYS } from './suites.ts';

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

/** All suites against one gateway with one upstream. */
async function run(
  flavour: Flavour,
  transport: Transport,
  wanted: string | undefined,
  results: string,
): Promise<Verdict> {
  await using upstream = await startUpstream(flavour, transport);
  // The suites cannot send a token.
  await using gateway = await startGateway({
    config: { mcpServers: { upstream: upstream.entry } },
    args: ['--no-auth'],
  });
  const outcomes = new Map<string, Outcome[]>();
  for (const suite of SUITES) {
    if (wanted !== undefined && suite.name !== wanted) continue;
    const folder = join(results, `${flavour}-${transport}`, suite.name);
    outcomes.set(suite.name, await runSuite(suite, gateway.endpoint, folder));
  }
  const verdict = judge(outcomes, readBaseline(flavour));
  if (gateway.program.child.exitCode !== null || verdict.failed.length > 0) {
    console.log(`the gateway said:\n${gateway.program.stderr().slice(-4000)}`);
  }
  return verdict;
}

/** All client suites, with ours as the client. */
async function runAsClient(way: Way, wanted: string | undefined, results: string): Promise<Verdict> {
  const outcomes = new Map<string, Outcome[]>();
  const baseline = readBaseline(way);
  for (const suite of CLIENT_SUITES) {
    if (wanted !== undefined && suite.name !== wanted) continue;
    const folder = join(results, `client-${way}`, suite.name);
    const surprises = (outcome: Outcome): boolean => isSurprise(suite.name, outcome, baseline);
    outcomes.set(suite.name, await runClientSuite(suite, way, folder, surprises));
  }
  return judge(outcomes, baseline);
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
const suites = [...SUITES, ...CLIENT_SUITES].map(({ name }) => name);
if (values.suite !== undefined && !suites.includes(values.suite)) {
  throw new Error(`--suite is one of ${suites.join(', ')}`);
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

interface Job {
  readonly what: string;
  readonly run: () => Promise<Verdict>;
}

const perform = async ({ what, run: verdictOf }: Job): Promise<void> => count(what, await verdictOf());

// For the suites, and for the hundreds of clients and gateways that they start.
process.env['NODE_COMPILE_CACHE'] = COMPILED;

// The suites for servers mostly wait for what they have asked, and each asks a gateway of its own: all at once.
const servers = flavours.flatMap((flavour) =>
  transports.map((transport) => ({
    what: `upstream ${flavour} over ${transport}`,
    run: () => run(flavour, transport, values.suite, folder),
  })),
);
if (!isOnlyClient) await Promise.all(servers.map(perform));
// Those for clients start a hundred processes at once as it is.
for (const way of isOnlyServer ? [] : ways)
  await perform({ what: `client through ${way}`, run: () => runAsClient(way, values.suite, folder) });
console.log(`\nconformance: ${tally.passed} passed, ${tally.failed} failed`);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(tally));
process.exitCode = tally.failed === 0 ? 0 : 1;
