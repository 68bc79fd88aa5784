import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { basicCheck } from './basic.ts';
import { Gate } from './gate.ts';
import { refused, type Verdict, type Verified } from './verdict.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const verified = (id: string, more: Partial<Verified> = {}): Verified => ({
  principal: { id, via: 'jwt' },
  until: 10_000,
  ...more,
});

function counting(verdictOf: (token: string) => Verdict | undefined) {
  return vi.fn((token: string) => Promise.resolve(verdictOf(token)));
}

describe('the gate', () => {
  it('asks one check after the other, until one knows the token', async () => {
    const first = counting((token) => (token === 'one' ? verified('1') : undefined));
    const second = counting((token) => (token === 'two' ? verified('2') : refused('bad')));
    const gate = new Gate({ checks: [first, second] });
    expect(await gate.check('Bearer one')).toMatchObject({ principal: { id: '1' } });
    expect(second).not.toHaveBeenCalled();
    expect(await gate.check('Bearer two')).toMatchObject({ principal: { id: '2' } });
    expect(await gate.check('Bearer three')).toEqual(refused('bad'));
  });

  it('remembers who it was, and forgets when the time is over', async () => {
    const gate = new Gate({ checks: [counting((token) => verified(token))] });
    expect(gate.recall('Bearer a')).toBeUndefined();
    await gate.check('Bearer a');
    await gate.check('Bearer b');
    for (const token of ['a', 'b', 'b', 'a'])
      expect(gate.recall(`Bearer ${token}`)?.principal.id).toBe(token);
    vi.setSystemTime(10_000);
    for (const token of ['a', 'b']) expect(gate.recall(`Bearer ${token}`)).toBeUndefined();
  });

  it('remembers no refusal, and nothing that is only like what it knows', async () => {
    const gate = new Gate({ checks: [counting((token) => (token === 'good' ? verified('1') : undefined))] });
    await gate.check('Bearer good');
    await gate.check('Bearer evil');
    for (const header of ['Bearer evil', 'Bearer goo', 'Bearer good ', 'bearer good', 'Bearer goodx', ''])
      expect(gate.recall(header)).toBeUndefined();
  });

  it('looks again at what it remembers when something may have been revoked', async () => {
    let version = 1;
    const revoked = new Set<string>();
    const stands = vi.fn((id: string) => !revoked.has(id));
    const check = counting((token) => verified(token, { stands: () => stands(token) }));
    const gate = new Gate({ checks: [check], version: () => version });
    await gate.check('Bearer a');
    await gate.check('Bearer b');
    gate.recall('Bearer a');
    expect(stands, 'nothing has changed').not.toHaveBeenCalled();
    revoked.add('a');
    version += 1;
    vi.setSystemTime(600);
    expect(gate.recall('Bearer a')).toBeUndefined();
    expect(gate.recall('Bearer b')).toBeDefined();
    expect(gate.recall('Bearer b')).toBeDefined();
    expect(stands.mock.calls.filter(([id]) => id === 'b')).toHaveLength(1);
  });

  it('looks again at what was checked while something was revoked', async () => {
    let version = 1;
    let isRevoked = false;
    const gate = new Gate({
      version: () => version,
      checks: [
        async () => {
          await Promise.resolve();
          version += 1;
          isRevoked = true;
          return verified('a', { stands: () => !isRevoked });
        },
      ],
    });
    await gate.check('Bearer a');
    vi.setSystemTime(600);
    expect(gate.recall('Bearer a')).toBeUndefined();
  });

  it('remembers so many, and no more', async () => {
    const gate = new Gate({ checks: [(token) => verified(token)] });
    for (let i = 0; i < 10_001; i++) await gate.check(`Bearer ${i}`);
    expect(gate.recall('Bearer 0')).toBeUndefined();
    expect(gate.recall('Bearer 1')).toBeDefined();
    expect(gate.recall('Bearer 10000')).toBeDefined();
  });
});

describe('HTTP Basic', () => {
  const gate = new Gate({ checks: [], basic: basicCheck({ alice: 'p:ass wörd', __proto__x: 'x' }) });
  const ask = async (text: string, scheme = 'Basic') => {
    const verdict = await gate.check(`${scheme} ${Buffer.from(text).toString('base64')}`);
    return 'principal' in verdict ? verdict.principal : undefined;
  };

  it('takes a name and a password, whatever the case of the scheme', async () => {
    const alice = { id: 'basic:alice', via: 'basic', user: 'alice' };
    expect(await ask('alice:p:ass wörd')).toEqual(alice);
    expect(await ask('alice:p:ass wörd', 'bAsIc')).toEqual(alice);
  });

  it.each([
    'alice:',
    'alice',
    ':p:ass wörd',
    'Alice:p:ass wörd',
    'alice:p:ass word',
    'alice:p:ass wörd ',
    'bob:p:ass wörd',
    'bob:',
    ':',
    '',
    '__proto__:',
    'constructor:x',
  ])('does not take %j', async (text) => {
    expect(await ask(text)).toBeUndefined();
  });

  it('takes base64 in its one right spelling only', async () => {
    const right = Buffer.from('alice:p:ass wörd').toString('base64');
    for (const wrong of [
      `${right}=`,
      right.replace(/=+$/, ''),
      `${right.slice(0, 4)} ${right.slice(4)}`,
      `${right}!`,
    ])
      expect(wrong === right || 'principal' in (await gate.check(`Basic ${wrong}`))).toBe(wrong === right);
  });

  it('is no bearer token, and is unknown where it is not configured', async () => {
    const closed = new Gate({ checks: [() => verified('x')] });
    expect(await closed.check(`Basic ${Buffer.from('a:b').toString('base64')}`)).toHaveProperty('refused');
  });
});
