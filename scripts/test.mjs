// `npm test`: everything that must hold, one step after the other. Started by any Node from 20 on; the steps run on
// the Node that the dev dependencies brought. The last line printed is always `N passed, N failed`.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
const tallyFile = join(scratch, 'vitest.json');
const conformanceFile = join(scratch, 'conformance.json');
const env = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  SALLYPORT_TEST_TALLY: tallyFile,
};

const MINUTE = 60_000;

/** `report` names the file in which a step counts its own tests; without one the step itself is the test. */
const STEPS = [
  { name: 'set-up', command: ['bash', 'scripts/setup.sh'], limit: 5 * MINUTE },
  // First, for what is checked and tested as it is built: the packages of a consumer, and the soak.
  { name: 'build', command: ['tsc', '-p', 'tsconfig.build.json'], limit: 2 * MINUTE },
  {
    name: 'lint',
    command: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
    limit: 2 * MINUTE,
  },
  { name: 'format', command: ['oxfmt', '--check', '.'], limit: 2 * MINUTE },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json', '--noEmit'], limit: 2 * MINUTE },
  {
    name: 'unit, integration and end-to-end tests',
    command: [
      'vitest',
      'run',
      '--coverage',
      '--reporter=default',
      '--reporter=./test/support/tally.ts',
      ...process.argv.slice(2),
    ],
    limit: 20 * MINUTE,
    report: tallyFile,
  },
  {
    name: 'conformance',
    command: ['node', 'test/conformance/run.ts', '--report', conformanceFile],
    limit: 15 * MINUTE,
    report: conformanceFile,
  },
  // A minute of what `npm run soak` does for ten.
  {
    name: 'soak',
    command: ['node', 'test/soak/run.ts', '--seconds', '60'],
    limit: 5 * MINUTE,
  },
  {
    name: 'speed of a scan',
    command: ['node', '--no-warnings', 'test/integration/pii/speed.ts'],
    limit: MINUTE,
  },
];

/** Runs one command to its end; resolves to what went wrong, or undefined. */
function run({ command, limit }) {
  return new Promise((settle) => {
    const child = spawn(command[0], command.slice(1), { cwd: root, env, stdio: 'inherit', detached: true });
    const stop = () => killGroup(child.pid);
    const timer = setTimeout(() => {
      stop();
      settle(`stopped after ${limit / MINUTE} minutes`);
    }, limit);
    // The child leads a group of its own, so that a Ctrl-C here has to be handed on.
    const interrupt = () => {
      stop();
      process.exit(130);
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const finish = (problem) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      settle(problem);
    };
    child.once('error', (error) => finish(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => finish(code === 0 ? undefined : `ended with ${signal ?? code}`));
  });
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It was gone already.
  }
}

/** The tally a step wrote, or an empty one. A tally that should be there and is not shows in the step's own failure. */
function readTally(file) {
  const none = { passed: 0, failed: 0, errors: [], failures: [], flaky: [], skipped: [] };
  return file && existsSync(file) ? { ...none, ...JSON.parse(readFileSync(file, 'utf8')) } : none;
}

if (!existsSync(join(root, 'node_modules', '.bin', 'vitest'))) {
  console.error('The dependencies are not installed: run `npm ci` first.');
  console.log('0 passed, 1 failed');
  process.exit(1);
}

let passed = 0;
let failed = 0;
const skipped = [];
const failures = [];
const flaky = [];
const summary = [];

const heading = (step) => `\n── ${step.name} ${'─'.repeat(Math.max(0, 90 - step.name.length))}`;

/** Runs a step, counts what came of it and says so. */
async function perform(step) {
  const start = performance.now();
  const problem = await run(step);
  const tally = readTally(step.report);
  for (const error of tally.errors) console.log(`error: ${error}`);
  // A test that is skipped without a reason counts as failed: there is nothing to tell the reader.
  const unexplained = tally.skipped.filter((test) => !test.reason);
  for (const test of unexplained) console.log(`skipped without a reason: ${test.name}`);

  const ok = problem === undefined && unexplained.length === 0;
  passed += tally.passed + (ok ? 1 : 0);
  failed += tally.failed + (ok ? 0 : 1);
  skipped.push(...tally.skipped);
  failures.push(...tally.failures);
  flaky.push(...tally.flaky);
  const time = `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(8);
  const counts = step.report ? `  (${tally.passed} passed, ${tally.failed} failed)` : '';
  summary.push(`${ok ? 'ok    ' : 'FAILED'} ${time}  ${step.name}${counts}${problem ? `: ${problem}` : ''}`);
  console.log(summary.at(-1));
}

for (const step of STEPS) {
  console.log(heading(step));
  await perform(step);
}
rmSync(scratch, { recursive: true, force: true });

console.log(`\n── summary ${'─'.repeat(83)}\n${summary.join('\n')}`);
if (skipped.length > 0) {
  console.log(`\n${skipped.length} SKIPPED:`);
  for (const test of skipped) console.log(`  ${test.name}\n    because: ${test.reason ?? 'no reason given'}`);
}
// Once more at the end, where a log that was cut short still shows it.
const tell = ({ name, message }) => console.log(`  ${name}\n    ${message.split('\n', 3).join('\n    ')}`);
if (flaky.length > 0) {
  console.log(`\n${flaky.length} FLAKY, passed at the second go:`);
  flaky.forEach(tell);
}
if (failures.length > 0) {
  console.log(`\n${failures.length} FAILED:`);
  failures.forEach(tell);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
