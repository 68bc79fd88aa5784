import { defineConfig } from 'vitest/config';

/** The projects run one after the other: a test that measures time should not share its core with a build-up. */
export default defineConfig({
  test: {
    environment: 'node',
    // Nobody mocks a module or leaves anything behind, so that a process may run one file after the other.
    isolate: false,
    // One more than there are cores here: many tests wait for a time to be over, or for a program.
    maxWorkers: 3,
    // Hundreds of these tests are about programs, time and sockets, on a machine that may be busy. What passes only at
    // the second go is told at the end of the run, for somebody to look at.
    retry: 1,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: [
        'src/**/*.test.ts',
        'src/**/testing.ts',
        // What puts the parts together, and what looks at a whole machine: the end-to-end tests run these, in
        // processes of their own that nobody counts.
        'src/cli/{backup,commands,deploy,doctor,groups,new}/**',
        'src/{admin,doctor,gateway}/**',
        'src/gateway.ts',
      ],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportOnFailure: true,
      thresholds: { lines: 85, functions: 85, statements: 85, branches: 80 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          // They take milliseconds; on a busy machine one may have to wait for its turn.
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/*.test.ts', 'test/{bench,conformance,integration,support}/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // A test here starts programs. The limits are for a busy machine; a test that cares about time measures it.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
