import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type AuthRow, authTable, measureAuth } from './auth.ts';
import { allCandidates, selectCandidates, type Candidate } from './candidates.ts';
import { buildEchoChild } from './echo-child.ts';
import { REPOSITORY } from './folders.ts';
import { measureFootprint } from './footprint.ts';
import { type GuardRow, guardTable, measureGuard } from './guard.ts';
import { type GrowthRow, growthTable, measureGrowth, STEPS } from './growth.ts';
import type { Setting } from './gateway-process.ts';
import { describeMachine, requirePinning } from './machine.ts';
import { installNpmPeers } from './npm-peers.ts';
import { HELP, parseOptions, type Options } from './options.ts';
import { profile } from './profile.ts';
import { page } from './page.ts';
import { tables, type Run } from './tables.ts';
import type { Results } from './results.ts';
import { AUTH, FOOTPRINT, GROWTH, GUARD, type LoadScenario, selectScenarios } from './scenarios.ts';
import { measureWindow } from './window.ts';

/** The whole benchmark. Tables go to stdout, talk to stderr. Gives the exit code: 1 after a wrong answer. */
export async function bench(args: readonly string[]): Promise<number> {
  let options: Options | undefined;
  try {
    options = parseOptions(args);
    if (!options) {
      console.log(HELP);
      return 0;
    }
    return await run(options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

async function run(options: Options): Promise<number> {
  requirePinning(options.cores);
  const only = options.profile && options.only.length === 0 ? ['sallyport'] : options.only;
  const candidates = selectCandidates(allCandidates(options.peers), only);
  if (candidates.some((candidate) => candidate.npmPeer)) installNpmPeers();
  const child = buildEchoChild();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // An exit of our own, so that whatever is to be stopped and removed at the end is.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
  const setting: Setting = { cores: options.cores, child: child.command, folder };
  if (options.profile) return await profileAll(candidates, setting, options);
  const { loads: scenarios, footprint, growth, guard, auth } = selectScenarios(options.scenarios);
  const { rounds, warmUpSeconds, windowSeconds } = options;
  const results: Results = { windows: [], footprints: [], failures: [] };
  const measured: Run = {
    machine: describeMachine(),
    child: child.description,
    candidates,
    scenarios,
    rounds,
    warmUpSeconds,
    windowSeconds,
    results,
  };
  for (let round = 1; round <= rounds; round += 1) {
    await measureRound(measured, round, setting, footprint, options);
  }
  publish(measured, options);
  if (growth) await growAll(setting, options, results);
  if (guard.length > 0) await guardAll(guard, setting, options, results);
  if (auth.length > 0) await authAll(auth, setting, options, results);
  writeJson(measured, options);
  return results.failures.length > 0 ? 1 : 0;
}

/** Every scenario once, the candidates taking turns. What fails is noted, and the others go on. */
async function measureRound(
  { candidates, scenarios, results }: Run,
  round: number,
  setting: Setting,
  footprint: boolean,
  options: Options,
): Promise<void> {
  const attempt = async (
    candidate: Candidate,
    scenario: string,
    work: () => Promise<string>,
  ): Promise<void> => {
    const label = `round ${round}/${options.rounds}  ${scenario.padEnd(16)} ${candidate.name.padEnd(14)}`;
    try {
      console.error(`${label} ${await work()}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      results.failures.push({ scenario, candidate: candidate.name, round, reason });
      console.error(`${label} FAILED: ${reason}`);
    }
  };
  for (const scenario of scenarios) {
    for (const candidate of candidates.filter((one) => one.eras.includes(scenario.call.era))) {
      await attempt(candidate, scenario.name, async () => {
        const row = await measureWindow(candidate, scenario, round, setting, options);
        results.windows.push(row);
        return `${Math.round(row.requestsPerSecond)} req/s, p99 ${row.p99.toFixed(2)} ms`;
      });
    }
  }
  if (!footprint) return;
  for (const candidate of candidates) {
    await attempt(candidate, FOOTPRINT, async () => {
      const row = await measureFootprint(candidate, round, setting, options);
      results.footprints.push(row);
      return `${Math.round(row.idleResident / 2 ** 20)} MiB, ${(row.bytesPerSession / 2 ** 10).toFixed(1)} KiB a session`;
    });
  }
}

/** Every step once, in the order of the table. */
async function growAll(setting: Setting, options: Options, results: Results): Promise<void> {
  const rows: GrowthRow[] = [];
  for (const step of STEPS) {
    const label = `${GROWTH} ${step.servers} servers, ${step.sessions} sessions`;
    try {
      const row = await measureGrowth(step, setting, options);
      rows.push(row);
      console.error(`${label} ${Math.round(row.requestsPerSecond)} req/s`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      results.failures.push({ scenario: GROWTH, candidate: 'sallyport', round: 1, reason });
      console.error(`${label} FAILED: ${reason}`);
    }
  }
  console.log(`\n### Growth\n\n${growthTable(rows)}`);
}

/** Every load, with and without. */
async function guardAll(
  loads: readonly LoadScenario[],
  setting: Setting,
  options: Options,
  results: Results,
): Promise<void> {
  const rows: GuardRow[] = [];
  for (const load of loads) {
    try {
      const row = await measureGuard(load, options.rounds, setting, options);
      rows.push(row);
      results.windows.push(...row.without, ...row.guarded);
      console.error(guardTable(rows.slice(-1)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      results.failures.push({ scenario: load.name, candidate: GUARD, round: 1, reason });
      console.error(`${load.name} FAILED: ${reason}`);
    }
  }
  console.log(`\n### Guard and audit log\n\n${guardTable(rows)}`);
}

/** Every load, with each kind of proof and without. */
async function authAll(
  loads: readonly LoadScenario[],
  setting: Setting,
  options: Options,
  results: Results,
): Promise<void> {
  const rows: AuthRow[] = [];
  for (const load of loads) {
    try {
      const row = await measureAuth(load, options.rounds, setting, options);
      rows.push(row);
      results.windows.push(...row.open, ...row.token, ...row.jwt);
      console.error(authTable(rows.slice(-1)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      results.failures.push({ scenario: load.name, candidate: AUTH, round: 1, reason });
      console.error(`${load.name} FAILED: ${reason}`);
    }
  }
  console.log(`\n### Authentication\n\n${authTable(rows)}`);
}

function writeJson({ candidates, ...rest }: Run, { json }: Options): void {
  if (!json) return;
  const versions = candidates.map(({ name, version }) => ({ name, version }));
  writeFileSync(json, `${JSON.stringify({ ...rest, candidates: versions }, null, 2)}\n`);
}

function publish(measured: Run, { page: path }: Options): void {
  console.log(`\n${tables(measured)}`);
  if (path && measured.results.failures.length === 0) {
    writeFileSync(join(REPOSITORY, path), page(measured));
    console.error(`${path} written`);
  } else {
    const reason = path ? 'Something failed' : 'Not the whole benchmark';
    console.error(`${reason}: docs/benchmarks.md is left as it is.`);
  }
}

const PROFILED_SCENARIO = 'echo-100b-c64';

async function profileAll(
  candidates: readonly Candidate[],
  setting: Setting,
  options: Options,
): Promise<number> {
  const { loads } = selectScenarios(options.scenarios.length > 0 ? options.scenarios : [PROFILED_SCENARIO]);
  for (const candidate of candidates) {
    for (const scenario of loads) console.log(await profile(candidate, scenario, setting, options));
  }
  return 0;
}
