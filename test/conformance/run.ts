// Runs the official conformance suites against the built gateway, in front of an upstream over stdio or over HTTP.
//   node test/conformance/run.ts [--era both|legacy|modern] [--transport stdio|http] [--suite NAME] [--report FILE] [--keep]
// Without --era and --transport all six upstreams are run. A failure that the era's baseline does not list, and an entry of the
// baseline that no longer fails, fail the run. --report writes the counts for scripts/test.mjs; --keep leaves the
// suites' own results in .conformance/.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startGateway } from '../support/gateway.ts';
import { eventually, ROOT, start, temporaryFolder } from '../support/processes.ts';
import { FLAVOURS, type Flavour, judge, readBaseline, type Verdict } from './baseline.ts';
import { type Outcome, runSuite, SUITES } from './suites.ts';

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

function print(upstream: string, { passed, failed, expected, skipped }: Verdict): void {
  const counts = `${passed.length} passed, ${failed.length} failed, ${expected.length} expected failures`;
  console.log(`\nupstream ${upstream}: ${counts}`);
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
if (values.suite !== undefined && !SUITES.some(({ name }) => name === values.suite)) {
  throw new Error(`--suite is one of ${SUITES.map(({ name }) => name).join(', ')}`);
}

const kept = join(ROOT, '.conformance');
if (values.keep) rmSync(kept, { recursive: true, force: true });
using scratch = temporaryFolder();
const tally = { passed: 0, failed: 0, errors: [] as string[], skipped: [] as object[] };
for (const [flavour, transport] of flavours.flatMap((each) =>
  transports.map((way) => [each, way] as const),
)) {
  const upstream = `${flavour} over ${transport}`;
  const verdict = await run(flavour, transport, values.suite, values.keep ? kept : scratch.path);
  print(upstream, verdict);
  tally.passed += verdict.passed.length;
  tally.failed += verdict.failed.length;
  for (const { name, reason } of verdict.skipped) {
    tally.skipped.push({ name: `conformance, upstream ${upstream}: ${name}`, reason });
  }
}
console.log(`\nconformance: ${tally.passed} passed, ${tally.failed} failed`);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(tally));
process.exitCode = tally.failed === 0 ? 0 : 1;
