import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** What a vitest run came to, as `scripts/test.mjs` reads it. */
export interface Tally {
  passed: number;
  failed: number;
  /** Files that could not be loaded and errors outside of any test: they fail the run without being a failed test. */
  errors: string[];
  failures: { name: string; message: string }[];
  /** Tests that failed, and passed when they were run again. */
  flaky: { name: string; message: string }[];
  skipped: { name: string; reason: string | undefined }[];
}

/**
 * Writes the run's tally to the file named by `SALLYPORT_TEST_TALLY`. Vitest's own JSON report leaves out why a test
 * was skipped, and a skip without its reason is what nobody should get away with.
 */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message: string }[]): void {
    const file = process.env['SALLYPORT_TEST_TALLY'];
    if (file) writeFileSync(file, `${JSON.stringify(tallyOf(modules, unhandled), null, 2)}\n`);
  }
}

function tallyOf(modules: readonly TestModule[], unhandled: readonly { message: string }[]): Tally {
  const errors = unhandled.map((error) => error.message);
  const tally: Tally = { passed: 0, failed: 0, errors, failures: [], flaky: [], skipped: [] };
  for (const module of modules) {
    for (const error of module.errors()) tally.errors.push(`${module.relativeModuleId}: ${error.message}`);
    for (const suite of module.children.allSuites()) {
      for (const error of suite.errors()) tally.errors.push(`${suite.fullName}: ${error.message}`);
    }
    for (const test of module.children.allTests()) {
      const result = test.result();
      const name = `${module.relativeModuleId} > ${test.fullName}`;
      const message = result.errors?.map((error) => error.message).join('\n') ?? '';
      if (result.state === 'passed') {
        tally.passed += 1;
        if (test.diagnostic()?.flaky) tally.flaky.push({ name, message });
      } else if (result.state === 'failed') {
        tally.failed += 1;
        tally.failures.push({ name, message });
      } else {
        const note = result.state === 'skipped' ? result.note : 'it never ran';
        tally.skipped.push({ name, reason: note ?? reasonIn(test.fullName) });
      }
    }
  }
  return tally;
}

/** What a name says of itself where `skipIf` leaves no note: `… (SKIPPED without nginx)`. */
function reasonIn(name: string): string | undefined {
  return /\(SKIPPED ([^)]+)\)/.exec(name)?.[1];
}
