import { spawn } from 'node:child_process';
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../support/processes.ts';

/** One way to run an official suite: a package, and what of it. */
export interface Suite {
  /** As the baselines name it. */
  readonly name: string;
  readonly package: 'conformance01' | 'conformance02';
  readonly args: readonly string[];
}

/** A scenario that waits for what never comes should not wait half a minute for it. */
const TIMEOUT = ['--timeout', '10000'];

export const SUITES: readonly Suite[] = [
  { name: '0.1.16', package: 'conformance01', args: ['--suite', 'all'] },
  {
    name: '2025-03-26',
    package: 'conformance02',
    args: ['--suite', 'all', '--spec-version', '2025-03-26', ...TIMEOUT],
  },
  {
    name: '2025-06-18',
    package: 'conformance02',
    args: ['--suite', 'all', '--spec-version', '2025-06-18', ...TIMEOUT],
  },
  { name: '2025-11-25', package: 'conformance02', args: ['--requirements', '2025-11-25', ...TIMEOUT] },
  { name: '2026-07-28', package: 'conformance02', args: ['--requirements', '2026-07-28', ...TIMEOUT] },
];

/** The suites in which the official mock is the server, and what is tested is a client. */
export const CLIENT_SUITES: readonly Suite[] = ['2025-11-25', '2026-07-28'].map((version) => ({
  name: `client-${version}`,
  package: 'conformance02',
  args: ['--requirements', version, '--timeout', '60000'],
}));

/** What of ours is the client: `sallyport connect`, or the gateway's way to a remote server. */
export const WAYS = ['connect', 'gateway'] as const;
export type Way = (typeof WAYS)[number];

export interface Outcome {
  readonly scenario: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** The checks that failed, or those that the suite itself skipped, with what it says of them. */
  readonly checks: readonly { readonly id: string; readonly message: string }[];
}

interface Check {
  id: string;
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  errorMessage?: string;
}

/**
 * Runs a suite against an endpoint. The suite's own verdict is not used: what counts is what each scenario wrote.
 * @param folder for the suite's results; created
 * @throws when the suite did not run to its end
 */
export function runSuite(suite: Suite, endpoint: string, folder: string): Promise<Outcome[]> {
  return outcomesOf(suite, ['server', '--url', endpoint], folder);
}

/** The same for a client suite, in which ours is the client. */
export function runClientSuite(suite: Suite, way: Way, folder: string): Promise<Outcome[]> {
  const driver = join(import.meta.dirname, 'client-driver.mjs');
  // The suite starts this through a shell, and puts its mock's URL behind it.
  return outcomesOf(suite, ['client', '--command', `"${process.execPath}" "${driver}" ${way}`], folder);
}

/** The suite, of one scenario: it takes `--requirements` and `--suite` for all of them only. */
export function onlyScenario(suite: Suite, scenario: string): Suite {
  const args = suite.args.map((arg) => (arg === '--requirements' ? '--spec-version' : arg));
  const whole = args.indexOf('--suite');
  if (whole !== -1) args.splice(whole, 2);
  return { ...suite, args: ['--scenario', scenario, ...args] };
}

async function outcomesOf(suite: Suite, what: readonly string[], folder: string): Promise<Outcome[]> {
  mkdirSync(folder, { recursive: true });
  const program = join(ROOT, 'node_modules', suite.package, 'dist', 'index.js');
  const output = await outputOf([program, ...what, '-o', folder, ...suite.args]);
  const announced = Number(/\((\d+) scenarios\)/.exec(output)?.[1] ?? Number.NaN);
  const results = globSync('**/checks.json', { cwd: folder }).map((file) =>
    dirname(file).replaceAll('\\', '/'),
  );
  const outcomes = results.sort().map((name) => outcomeOf(folder, name));
  if (outcomes.length === 0 || (!Number.isNaN(announced) && announced !== outcomes.length)) {
    const tail = output.slice(-2000);
    throw new Error(`${suite.name}: ${outcomes.length} of ${announced} scenarios have results\n${tail}`);
  }
  return outcomes;
}

function outcomeOf(folder: string, name: string): Outcome {
  // `server-<scenario>-<time>`, the time with dashes for colons; for clients without the first word.
  const scenario = /^(?:server-)?(.+)-\d{4}-\d\d-\d\dT[-\d]+Z$/.exec(name)?.[1] ?? name;
  const checks = JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')) as Check[];
  const failed = checks.filter(({ status }) => status === 'FAILURE');
  if (failed.length > 0) return { scenario, state: 'failed', checks: failed.map(withMessage) };
  if (checks.length > 0 && checks.every(({ status }) => status === 'SKIPPED')) {
    return { scenario, state: 'skipped', checks: checks.map(withMessage) };
  }
  return { scenario, state: 'passed', checks: [] };
}

function withMessage({ id, errorMessage }: Check): { id: string; message: string } {
  return { id, message: (errorMessage ?? 'no reason given').split('\n', 1)[0] ?? '' };
}

function outputOf(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}
