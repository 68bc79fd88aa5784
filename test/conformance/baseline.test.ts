import { describe, expect, it } from 'vitest';
import { FLAVOURS, isSurprise, judge, readBaseline } from './baseline.ts';
import { type Outcome, WAYS } from './suites.ts';

const passed = (scenario: string): Outcome => ({ scenario, state: 'passed', checks: [] });
const failed = (scenario: string, ...ids: readonly string[]): Outcome => ({
  scenario,
  state: 'failed',
  checks: (ids.length > 0 ? ids : ['check']).map((id) => ({ id, message: 'why' })),
});
const baseline = new Map([['2025-11-25/elicitation', 'it is not built yet']]);

describe('a surprise', () => {
  const known = new Map([
    ['one/whole', 'every check of it fails'],
    ['one/part:a', 'this check of it fails'],
  ]);
  it.each<[Outcome, boolean]>([
    [passed('ping'), false],
    [failed('ping'), true],
    [failed('whole', 'a', 'b'), false],
    [failed('part', 'a'), false],
    [failed('part', 'a', 'b'), true],
    [{ scenario: 'ping', state: 'skipped', checks: [] }, false],
  ])('is what fails and stands in no baseline: %j', (outcome, expected) => {
    expect(isSurprise('one', outcome, known)).toBe(expected);
  });

  it('is what is expected of another suite only', () => {
    expect(isSurprise('two', failed('whole'), known)).toBe(true);
  });
});

describe('judge', () => {
  it('passes what passes, and sets an expected failure apart', () => {
    const verdict = judge(new Map([['2025-11-25', [passed('ping'), failed('elicitation')]]]), baseline);
    expect(verdict).toEqual({
      passed: ['2025-11-25/ping'],
      failed: [],
      expected: [{ name: '2025-11-25/elicitation', reason: 'it is not built yet' }],
      skipped: [],
    });
  });

  it('fails what fails without being expected, the same scenario of another suite included', () => {
    const verdict = judge(
      new Map([
        ['2025-06-18', [failed('elicitation')]],
        ['2025-11-25', [failed('ping'), failed('elicitation')]],
      ]),
      baseline,
    );
    expect(verdict.failed.map(({ name }) => name)).toEqual(['2025-06-18/elicitation', '2025-11-25/ping']);
  });

  it('fails an expectation that is out of date', () => {
    const verdict = judge(new Map([['2025-11-25', [passed('elicitation')]]]), baseline);
    expect(verdict.failed).toEqual([
      {
        name: '2025-11-25/elicitation',
        details: ['stale: it no longer fails, so take it out of the baseline'],
      },
    ]);
  });

  it('fails an expectation of a scenario that does not exist', () => {
    expect(judge(new Map([['2025-11-25', [passed('ping')]]]), baseline).failed).toHaveLength(1);
  });

  it('of an expected check does not excuse another check of the scenario', () => {
    const one = new Map([['2026-07-28/stateless:subscriptions', 'they are not built yet']]);
    const run = (...ids: readonly string[]): ReturnType<typeof judge> =>
      judge(new Map([['2026-07-28', [failed('stateless', ...ids)]]]), one);
    expect(run('subscriptions')).toMatchObject({
      failed: [],
      expected: [{ name: '2026-07-28/stateless', reason: 'they are not built yet' }],
    });
    expect(run('subscriptions', 'ids')).toMatchObject({
      failed: [{ name: '2026-07-28/stateless', details: ['ids: why'] }],
      expected: [],
    });
  });

  it('says nothing about a suite that was not run', () => {
    expect(judge(new Map([['2025-06-18', [passed('ping')]]]), baseline).failed).toEqual([]);
  });

  it('hands on why the suite skipped a scenario', () => {
    const skipped: Outcome = {
      scenario: 'x',
      state: 'skipped',
      checks: [{ id: 'y', message: 'not written yet' }],
    };
    const verdict = judge(new Map([['2025-06-18', [skipped]]]), baseline);
    expect(verdict.skipped).toEqual([{ name: '2025-06-18/x', reason: 'not written yet' }]);
  });
});

describe('the baselines', () => {
  it.each([...FLAVOURS, ...WAYS])('of "%s" can be read and give a reason for each entry', (flavour) => {
    for (const [name, reason] of readBaseline(flavour)) {
      expect(name).toMatch(/^[a-z\d.-]+\/[a-z0-9/-]+(:[a-z0-9-]+)?$/);
      expect(reason.trim().length).toBeGreaterThan(20);
    }
  });
});
