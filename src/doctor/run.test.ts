import { describe, expect, it } from 'vitest';
import { type Check, fail, type Finding, ok } from './check.ts';
import type { Patient } from './patient.ts';
import { examine } from './run.ts';

const patient: Patient = {
  home: '/nowhere',
  platform: 'linux',
  config: undefined,
  now: Date.now,
  records: () => Promise.resolve(undefined),
  oauth: { folder: '/nowhere/oauth', advice: () => '' },
  running: undefined,
  site: undefined,
};

function check(name: string, look: () => Promise<Finding>, more: Partial<Check> = {}): Check {
  return { name, looksAt: name, symptoms: [], ...more, side: 'inside', look };
}

describe('examine', () => {
  it('runs checks side by side and shows them in their order', async () => {
    let resolve: (finding: Finding) => void = () => {};
    const promise = new Promise<Finding>((settle) => (resolve = settle));
    const told: string[] = [];
    const slow = check('slow', () => promise);
    const quick = check('quick', async () => {
      resolve(ok('after the other'));
      return ok('first');
    });
    const outcomes = await examine([slow, quick], patient, ({ name }) => told.push(name));
    expect(outcomes.map(({ name }) => name)).toEqual(['slow', 'quick']);
    expect(told.toSorted()).toEqual(['quick', 'slow']);
  });

  it('leaves out what follows from a mistake, however far, and names the mistake', async () => {
    const outcomes = await examine(
      [
        check('port', async () => fail('closed', 'open it')),
        check('answer', async () => ok('never asked'), { needs: ['port'] }),
        check('stream', async () => ok('never asked'), { needs: ['answer'] }),
      ],
      patient,
    );
    expect(outcomes.map(({ verdict, says }) => [verdict, says])).toEqual([
      ['fail', 'closed'],
      ['skip', 'port comes first'],
      ['skip', 'port comes first'],
    ]);
  });

  it('gives up a check that takes too long, and says what a thrown error says', async () => {
    const endless = check(
      'endless',
      () => new Promise((_, reject) => setTimeout(() => reject(new Error('aborted')), 60)),
      { timeoutMs: 20 },
    );
    const broken = check('broken', () => Promise.reject(new Error('no such file')));
    const outcomes = await examine([endless, broken], patient);
    expect(outcomes.map(({ verdict, says }) => [verdict, says])).toEqual([
      ['fail', 'there was no answer within 0.02 s'],
      ['fail', 'no such file'],
    ]);
  });
});
