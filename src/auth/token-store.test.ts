import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Gate } from './gate.ts';
import { MemoryRecords } from '../store/memory.ts';
import { TokenStore } from './token-store.ts';

const NOW = 1_800_000_000_000;

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

function setUp() {
  const records = new MemoryRecords();
  const store = new TokenStore(records);
  const gate = new Gate({ checks: [store.check], version: () => records.version() });
  const ask = async (token: string | undefined) => {
    const header = `Bearer ${token}`;
    const verdict = gate.recall(header) ?? (await gate.check(header));
    return 'principal' in verdict ? verdict.principal : undefined;
  };
  return { records, store, gate, ask };
}

describe('a token that was made by hand', () => {
  it('opens the door as what it was made for', async () => {
    const { store, ask } = setUp();
    const terms = { scopes: ['mcp.read'], user: 'alice', roles: ['dev'] };
    expect(await ask(store.create('ci', terms))).toEqual({
      id: 'token:ci',
      via: 'token',
      clientId: 'ci',
      ...terms,
    });
  });

  it('is shown once: only its hash is kept', () => {
    const { store, records } = setUp();
    const token = store.create('ci') ?? '';
    expect(token).toMatch(/^sp_[\w-]{43}$/);
    const kept = ['token', 'token-hash', 'token-used'].map((kind) => records.list(kind));
    expect(kept[0]).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain(token.slice(3));
  });

  it('has a name of its own', () => {
    const { store } = setUp();
    expect(store.create('ci')).toBeDefined();
    expect(store.create('ci')).toBeUndefined();
  });

  it('ends when its time is over, remembered or not', async () => {
    const { store, ask } = setUp();
    const token = store.create('ci', { expiresAt: NOW + 10_000 });
    expect(await ask(token)).toBeDefined();
    vi.setSystemTime(NOW + 9999);
    expect(await ask(token)).toBeDefined();
    vi.setSystemTime(NOW + 10_000);
    expect(await ask(token)).toBeUndefined();
    expect(store.list()).toEqual([]);
  });

  it('is gone within a second of being revoked, though it was remembered', async () => {
    const { store, ask, gate } = setUp();
    const token = store.create('ci');
    const other = store.create('other');
    expect([await ask(token), await ask(other)].map((who) => who?.id)).toEqual(['token:ci', 'token:other']);
    expect(store.revoke('ci')).toBe(true);
    expect(store.revoke('ci')).toBe(false);
    vi.setSystemTime(NOW + 999);
    expect(await ask(token)).toBeUndefined();
    expect(gate.recall(`Bearer ${other}`), 'the others are still remembered').toBeDefined();
  });

  it('is another one after rotation, with the same rights', async () => {
    const { store, ask } = setUp();
    const old = store.create('ci', { scopes: ['a'], user: 'alice' });
    const before = await ask(old);
    const fresh = store.rotate('ci');
    expect(fresh).not.toBe(old);
    vi.setSystemTime(NOW + 1000);
    expect(await ask(old)).toBeUndefined();
    expect(await ask(fresh)).toEqual(before);
    expect(store.rotate('nobody')).toBeUndefined();
  });

  it('can be made again after it was revoked, and the old one stays revoked', async () => {
    const { store, ask } = setUp();
    const old = store.create('ci');
    store.revoke('ci');
    const fresh = store.create('ci');
    expect(await ask(old)).toBeUndefined();
    expect(await ask(fresh)).toBeDefined();
  });

  it('remembers when it was last used, written down once in a while', async () => {
    const { store, ask, records } = setUp();
    const token = store.create('ci');
    const version = records.version();
    for (let i = 0; i < 5; i++) await ask(token);
    expect(records.version(), 'no write on the way of a call').toBe(version);
    expect(store.list()[0]?.lastUsedAt).toBeUndefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.list()[0]?.lastUsedAt).toBe(NOW);
    await ask(token);
    store.flush();
    expect(store.list()[0]?.lastUsedAt).toBe(NOW + 60_000);
  });

  it.each(['', 'sp_', '__proto__', 'sp_'.padEnd(46, 'A')])('is not %j', async (token) => {
    const { store, ask } = setUp();
    store.create('ci');
    expect(await ask(token)).toBeUndefined();
  });
});
