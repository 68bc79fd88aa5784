import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rateLimits } from '../config/rate-limits.ts';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { Trail } from '../core/trail.ts';
import { ToolLimits } from './tool-limits.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0, toFake: ['performance', 'Date'] }));
afterEach(() => void vi.useRealTimers());

function call(name: string, user = 'alice'): Call {
  return {
    id: '1',
    principal: { id: user, via: 'token' },
    client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    scope: undefined,
    method: 'tools/call',
    params: { name },
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
  };
}

function limitsOf(section: object): ToolLimits {
  return new ToolLimits(rateLimits.parse(section));
}

describe('the calls of a tool', () => {
  it('are as many as its rate allows, for each user', () => {
    const limits = limitsOf({ tools: [{ tools: ['send_*'], rate: '1/m', burst: 1 }] });
    const made = (name: string, user?: string) =>
      typeof limits.enter(call(name, user), 'mail') === 'function';
    expect([made('send_mail'), made('send_fax'), made('send_mail')]).toEqual([true, true, false]);
    expect(made('send_mail', 'bob')).toBe(true);
    expect(made('read_mail')).toBe(true);
    vi.setSystemTime(60_000);
    vi.advanceTimersByTime(60_000);
    expect(made('send_mail')).toBe(true);
  });

  it('that come too soon are told when to come again', () => {
    const limits = limitsOf({ tools: [{ tools: ['*'], rate: '1/m' }] });
    limits.enter(call('a'), 's');
    expect(limits.enter(call('a'), 's')).toMatchObject({
      error: { status: 429, retryAfter: 60, data: { reason: 'rate_limited' } },
    });
  });

  it('under way at the same time are so many, and no more', () => {
    const limits = limitsOf({ tools: [{ servers: ['db'], tools: ['query'], concurrent: 2 }] });
    const first = limits.enter(call('query'), 'db');
    limits.enter(call('query'), 'db');
    expect(limits.enter(call('query'), 'db')).toMatchObject({ kind: 'failure' });
    expect(limits.enter(call('query'), 'other')).toBeTypeOf('function');
    expect(limits.enter(call('query', 'bob'), 'db')).toBeTypeOf('function');
    if (typeof first === 'function') first();
    expect(limits.enter(call('query'), 'db')).toBeTypeOf('function');
  });

  it('of one user are limited all together', () => {
    const limits = limitsOf({ concurrent: 3 });
    const leave = ['a', 'b', 'c'].map((name) => limits.enter(call(name), name));
    expect(limits.enter(call('d'), 'd')).toMatchObject({ kind: 'failure' });
    for (const each of leave) if (typeof each === 'function') each();
    expect(limits.enter(call('d'), 'd')).toBeTypeOf('function');
  });
});
