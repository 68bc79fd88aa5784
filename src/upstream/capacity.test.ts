import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Capacity, type Holder, type Place } from './capacity.ts';

const LIMITS = {
  processes: 4,
  processesPerPrincipal: 2,
  processesPerServer: 3,
  startQueue: 2,
  startQueueMs: 10_000,
};

interface TestHolder extends Holder {
  evicted: boolean;
  /** Undefined: in use. */
  rank: number | undefined;
}

function holder(principal: string | undefined, server: string, rank?: number): TestHolder {
  const made: TestHolder = {
    principal,
    server,
    rank,
    evicted: false,
    evictable: () => made.rank,
    evict: () => (made.evicted = true),
  };
  return made;
}

/** What a wish for a place has come to. */
async function outcome(wish: ReturnType<Capacity['take']>): Promise<unknown> {
  const now = await Promise.race([wish, vi.advanceTimersByTimeAsync(0).then(() => 'waits' as const)]);
  return now === 'waits' ? now : 'kind' in now ? now.error : 'place';
}

function taken(capacity: Capacity, wanting: Holder): Place {
  const place = capacity.tryTake(wanting);
  if (!place) throw new Error('there is no place');
  return place;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the bound on processes', () => {
  it.each([
    [
      'in all',
      [
        ['a', 's'],
        ['b', 's'],
        ['c', 't'],
        ['d', 't'],
      ],
      ['e', 'u'],
      'of the whole gateway',
    ],
    [
      'of one user',
      [
        ['a', 's'],
        ['a', 't'],
      ],
      ['a', 'u'],
      'of this user',
    ],
    [
      'of one server',
      [
        ['a', 's'],
        ['b', 's'],
        ['c', 's'],
      ],
      ['d', 's'],
      'of this server',
    ],
  ] as [string, [string, string][], [string, string], string][])(
    '%s: who comes too late waits, and is told to come again',
    async (_which, held, [principal, server], said) => {
      const capacity = new Capacity(LIMITS);
      for (const [user, name] of held) taken(capacity, holder(user, name));
      const wish = capacity.take(holder(principal, server));
      expect(await outcome(wish)).toBe('waits');
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await outcome(wish)).toMatchObject({
        code: -32603,
        status: 503,
        retryAfter: 5,
        message: expect.stringContaining(said) as string,
        data: { reason: 'at_capacity', server, retryAfterMs: 5000 },
      });
      expect(capacity.waiting).toBe(0);
    },
  );

  it('gives a place that becomes free to who has waited longest and may have it', async () => {
    const capacity = new Capacity(LIMITS);
    const [first] = [
      ['a', 's'],
      ['a', 't'],
      ['b', 's'],
      ['b', 't'],
    ].map(([user, name]) => taken(capacity, holder(user, name ?? '')));
    const [ofA, ofC] = [capacity.take(holder('b', 'u')), capacity.take(holder('c', 'u'))];
    first?.release();
    // b has two already: the place is for c, who came later.
    expect(await outcome(ofA)).toBe('waits');
    expect(await outcome(ofC)).toBe('place');
    expect(capacity.size).toBe(4);
  });

  it('refuses at once when too many wait', async () => {
    const capacity = new Capacity(LIMITS);
    for (const user of ['a', 'b', 'c', 'd']) taken(capacity, holder(user, user));
    const wishes = ['e', 'f', 'g'].map((user) => capacity.take(holder(user, user)));
    expect(await Promise.all(wishes.map(outcome))).toEqual([
      'waits',
      'waits',
      expect.objectContaining({ status: 503 }),
    ]);
  });

  it('lets nobody wait when the gateway stops', async () => {
    const capacity = new Capacity(LIMITS);
    for (const user of ['a', 'b', 'c', 'd']) taken(capacity, holder(user, user));
    const wish = capacity.take(holder('e', 'e'));
    capacity.stop();
    expect(await outcome(wish)).toMatchObject({ data: { reason: 'shutting_down' } });
    expect(await outcome(capacity.take(holder('f', 'f')))).toMatchObject({
      data: { reason: 'shutting_down' },
    });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('making room', () => {
  it('ends the one that nobody has used for longest, never one in use', async () => {
    const capacity = new Capacity(LIMITS);
    const holders = [holder('a', 's'), holder('b', 's', 20), holder('c', 's', 10), holder('d', 't', 30)];
    const places = holders.map((each) => taken(capacity, each));
    const wish = capacity.take(holder('e', 't'));
    expect(holders.map(({ evicted }) => evicted)).toEqual([false, false, true, false]);
    expect(await outcome(wish)).toBe('waits');
    places[2]?.release();
    expect(await outcome(wish)).toBe('place');
  });

  it('looks among those that stand in the way: the same user, the same server', () => {
    const capacity = new Capacity(LIMITS);
    const holders = [holder('b', 's', 1), holder('a', 's', 20), holder('a', 't', 10)];
    for (const each of holders) taken(capacity, each);
    void capacity.take(holder('a', 'u'));
    expect(holders.map(({ evicted }) => evicted)).toEqual([false, false, true]);
  });

  it('ends one for each who waits, and not one more', () => {
    const capacity = new Capacity(LIMITS);
    const holders = ['a', 'b', 'c', 'd'].map((user, i) => holder(user, user, i));
    for (const each of holders) taken(capacity, each);
    void capacity.take(holder('e', 'e'));
    void capacity.take(holder('f', 'f'));
    expect(holders.map(({ evicted }) => evicted)).toEqual([true, true, false, false]);
  });

  it('ends one in use as soon as it no longer is', async () => {
    const capacity = new Capacity(LIMITS);
    const holders = ['a', 'b', 'c', 'd'].map((user) => holder(user, user));
    for (const each of holders) taken(capacity, each);
    void capacity.take(holder('e', 'e'));
    expect(holders.some(({ evicted }) => evicted)).toBe(false);
    const [, idle] = holders;
    if (idle) idle.rank = 1;
    capacity.idle();
    expect(holders.map(({ evicted }) => evicted)).toEqual([false, true, false, false]);
  });
});

describe('a place', () => {
  it('can be handed on within the bounds of who gets it', () => {
    const capacity = new Capacity(LIMITS);
    const spare = taken(capacity, holder(undefined, 's', 0));
    taken(capacity, holder('a', 't'));
    taken(capacity, holder('a', 'u'));
    expect(spare.reassign(holder('a', 's'))).toBe(false);
    expect(spare.reassign(holder('b', 's'))).toBe(true);
    expect(capacity.size).toBe(3);
    spare.release();
    spare.release();
    expect(capacity.size).toBe(2);
  });
});
