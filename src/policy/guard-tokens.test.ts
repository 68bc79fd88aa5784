import { describe, expect, it } from 'vitest';
import { KeyRing } from '../pii/vault/key-ring.ts';
import { Tokens } from '../pii/vault/tokens.ts';
import { MemoryRecords } from '../store/memory.ts';
import { StoredTokens } from './guard-tokens.ts';

const BINDING = { tenant: 'alice', policy: 'default' };

describe('stored tokens', () => {
  it('are restored by the next process, and hold no value that could be read', () => {
    const records = new MemoryRecords();
    const ring = KeyRing.fresh();
    const token = new Tokens(ring, new StoredTokens(records, 60_000)).tokenOf('PERSON', '홍길동', BINDING);
    expect(JSON.stringify(records.list('pii-token'))).not.toContain('홍길동');
    const next = new Tokens(ring, new StoredTokens(records, 60_000));
    expect(next.restore(token, BINDING, () => {})).toBe('홍길동');
    const others = new Tokens(KeyRing.fresh(), new StoredTokens(records, 60_000));
    expect(others.restore(token, BINDING, () => {})).toBe(token);
  });

  it('are forgotten after their time', () => {
    const tokens = new Tokens(KeyRing.fresh(), new StoredTokens(new MemoryRecords(), -1));
    const token = tokens.tokenOf('PERSON', '홍길동', BINDING);
    expect(tokens.restore(token, BINDING, () => {})).toBe(token);
  });
});
