import { describe, expect, it, vi } from 'vitest';
import { EventStore, newBudget } from './event-store.ts';
import type { StoredStream } from './stored-stream.ts';

function newStore(budget = newBudget()): EventStore {
  return new EventStore(budget, false);
}

/** A stream on which so many events of a size were said, and its first event's id. */
function spoken(store: EventStore, events: number, size = 10): { stream: StoredStream; first: string } {
  const stream = store.open();
  for (let i = 0; i < events; i++) stream.send('x'.repeat(size));
  const [event] = store.after(stream, 0);
  const first = /^id: (.*)\n/.exec(typeof event === 'string' ? event : '')?.[1] ?? '';
  return { stream, first };
}

describe('a session’s events', () => {
  it('are found by their ids, each on its stream', () => {
    const store = newStore();
    const [one, two] = [spoken(store, 3), spoken(store, 2)];
    expect(store.find(one.first)).toEqual({ stream: one.stream, number: 1 });
    expect(store.find(two.first)).toEqual({ stream: two.stream, number: 1 });
    expect(store.after(one.stream, 1)).toHaveLength(2);
    expect(store.after(two.stream, 1)).toHaveLength(1);
  });

  it('are nobody else’s', () => {
    const budget = newBudget();
    const [mine, other] = [newStore(budget), newStore(budget)];
    const { first } = spoken(mine, 1);
    spoken(other, 1);
    expect(mine.find(first)).toBeDefined();
    expect(other.find(first)).toBeUndefined();
    expect(newStore(budget).find(first), 'nor of one that never had a stream').toBeUndefined();
  });

  it('go when their time is over, and a stream that has ended goes with its last one', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const budget = newBudget();
      const store = newStore(budget);
      const { stream, first } = spoken(store, 3);
      const open = spoken(store, 3);
      stream.end();
      store.expire();
      expect(store.after(stream, 0)).toHaveLength(3);
      vi.setSystemTime(Date.now() + 5 * 60_000);
      store.expire();
      expect(budget.used).toBe(0);
      expect(store.find(first)).toBeUndefined();
      expect(store.find(open.first), 'one that goes on can be come back to').toBeDefined();
    } finally {
      vi.useRealTimers();
    }
  });

  it('go with the session, and what is said after that is not kept', () => {
    const budget = newBudget();
    const store = newStore(budget);
    const { stream, first } = spoken(store, 3);
    store.close();
    stream.send('late');
    store.open().send('later');
    expect(budget.used).toBe(0);
    expect(store.find(first)).toBeUndefined();
    expect(store.isAttached).toBe(false);
  });

  it('leave nothing of a thousand sessions', () => {
    const budget = newBudget();
    const stores = Array.from({ length: 1000 }, () => {
      const store = newStore(budget);
      spoken(store, 10, 100);
      return store;
    });
    expect(budget.used).toBeGreaterThan(1_000_000);
    for (const store of stores) store.close();
    expect(budget.used).toBe(0);
  });
});

describe('what all sessions keep together', () => {
  it('has a bound, at which each loses its own oldest events and nobody else’s', () => {
    const budget = newBudget(10_000);
    const [quiet, loud] = [newStore(budget), newStore(budget)];
    const first = spoken(quiet, 10, 100);
    const second = spoken(loud, 1000, 100);
    expect(budget.used).toBeLessThanOrEqual(10_000);
    expect(quiet.after(first.stream, 0)).toHaveLength(10);
    const left = loud.after(second.stream, 0);
    expect(left.length).toBeGreaterThan(50);
    expect(loud.after(second.stream, 999), 'the newest is there').toHaveLength(1);
  });

  it('may be used up by others: then nothing is kept, and the next store to close makes room', () => {
    const budget = newBudget(1000);
    const [first, second] = [newStore(budget), newStore(budget)];
    spoken(first, 1, 700);
    const { stream } = spoken(second, 1, 500);
    expect(second.after(stream, 0)).toEqual([]);
    expect(second.keep(stream, 'z'.repeat(500), 2), 'and whoever asked for it learns that').toBe(false);
    stream.send('z'.repeat(500), () => 'lost');
    expect(second.after(stream, 0).join(''), 'what is kept in its place is small').toContain('lost');
    first.close();
    stream.send('y'.repeat(500));
    expect(second.after(stream, 0).join('')).toContain('yyy');
  });
});
