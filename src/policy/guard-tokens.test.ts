import { describe, expect, it, vi } from 'vitest';
import { KeyRing } from '../pii/vault/key-ring.ts';
import { Tokens } from '../pii/vault/tokens.ts';
import { MemoryRecords } from '../store/memory.ts';
import { StoredTokens } from './guard-tokens.ts';

const BINDING = { tenant: 'alice', policy: 'default' };

describe('stored tokens', () => {
  it('are restored by the next process, and hold no value that could be read', () => {
    const records = new MemoryRecords();
    const ring = KeyRing.fresh();
    const store = new StoredTokens(records, 60_000);
    const token = new Tokens(ring, store).tokenOf('PERSON', '홍길동', BINDING);
    store.flush();
    expect(records.list('pii-token')).toHaveLength(1);
    expect(JSON.stringify(records.list('pii-token'))).not.toContain('홍길동');
    const next = new Tokens(ring, new StoredTokens(records, 60_000));
    expect(next.restore(token, BINDING, () => {})).toBe('홍길동');
    const others = new Tokens(KeyRing.fresh(), new StoredTokens(records, 60_000));
    expect(others.restore(token, BINDING, () => {})).toBe(token);
  });

  it('are there at once, and those of one message are written together', async () => {
    const records = new MemoryRecords();
    const transaction = vi.spyOn(records, 'transaction');
    const tokens = new Tokens(KeyRing.fresh(), new StoredTokens(records, 60_000));
    const made = ['가', '나', '다'].map((name) => tokens.tokenOf('PERSON', name, BINDING));
    expect(made.map((token) => tokens.restore(token, BINDING, () => {}))).toEqual(['가', '나', '다']);
    expect(records.list('pii-token')).toEqual([]);
    await vi.waitFor(() => expect(records.list('pii-token')).toHaveLength(3));
    expect(transaction).toHaveBeenCalledTimes(1);
  });

  it('stay in memory while the store does not take them, and go there later', async () => {
    const records = new MemoryRecords();
    const full = vi.spyOn(records, 'transaction').mockImplementationOnce(() => {
      throw new Error('disk is full');
    });
    const problems: unknown[] = [];
    const tokens = new Tokens(
      KeyRing.fresh(),
      new StoredTokens(records, 60_000, (error) => problems.push(error)),
    );
    const first = tokens.tokenOf('PERSON', '홍길동', BINDING);
    await vi.waitFor(() => expect(problems).toHaveLength(1));
    expect(full).toHaveBeenCalled();
    expect(tokens.restore(first, BINDING, () => {})).toBe('홍길동');
    tokens.tokenOf('PERSON', '이영희', BINDING);
    await vi.waitFor(() => expect(records.list('pii-token')).toHaveLength(2));
  });

  it('are forgotten after their time', () => {
    const tokens = new Tokens(KeyRing.fresh(), new StoredTokens(new MemoryRecords(), -1));
    const token = tokens.tokenOf('PERSON', '홍길동', BINDING);
    expect(tokens.restore(token, BINDING, () => {})).toBe(token);
  });
});
