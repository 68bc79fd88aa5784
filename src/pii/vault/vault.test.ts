import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replaceEnvelopes, seal, unseal } from './envelope.ts';
import { fernetDecrypt, fernetEncrypt, fernetKey } from './fernet.ts';
import { openKeyFile, readKeyFile, replaceKeyFile } from './key-file.ts';
import { KeyRing } from './key-ring.ts';
import { MemoryTokenStore, Tokens } from './tokens.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-vault-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BINDING = { tenant: 'alice', policy: 'default' };
const VALUE = '홍길동 <hong@example.com> 😀';

describe('an envelope', () => {
  const ring = KeyRing.fresh();
  const envelope = seal(ring, 'EMAIL_ADDRESS', VALUE, BINDING);

  it('opens again, and shows what kind of value it holds', () => {
    expect(envelope).toMatch(/^⟦EMAIL_ADDRESS:v2\.[0-9a-f]{8}\.[\w-]+⟧$/);
    expect(unseal(ring, envelope, BINDING)).toBe(VALUE);
    expect(unseal(ring, seal(ring, 'X', '', BINDING), BINDING)).toBe('');
  });

  it('looks different each time', () => {
    expect(seal(ring, 'EMAIL_ADDRESS', VALUE, BINDING)).not.toBe(envelope);
  });

  it.each([
    ['another tenant', envelope, { ...BINDING, tenant: 'bob' }],
    ['another policy', envelope, { ...BINDING, policy: 'strict' }],
    ['another entity', envelope.replace('EMAIL_ADDRESS', 'PERSON'), BINDING],
    ['another version', envelope.replace('v2', 'v1'), BINDING],
    ['something behind it', `${envelope} `, BINDING],
  ])('does not open for %s', (_title, changed, binding) => {
    expect(unseal(ring, changed, binding)).toBeUndefined();
  });

  it('does not open with any bit changed, or with another ring', () => {
    const [head = '', body = ''] = envelope.slice(0, -1).split(/(?<=v2\.[0-9a-f]{8}\.)/);
    const bytes = Buffer.from(body, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(i) ^ (1 << (i % 8)), i);
      expect(unseal(ring, `${head}${changed.toString('base64url')}⟧`, BINDING)).toBeUndefined();
    }
    expect(unseal(KeyRing.fresh(), envelope, BINDING)).toBeUndefined();
  });

  it('is found in a text', () => {
    expect(replaceEnvelopes(`to ${envelope}, cc ${envelope}.`, () => 'x')).toBe('to x, cc x.');
    expect(replaceEnvelopes('⟦not one⟧', () => 'x')).toBe('⟦not one⟧');
  });

  it('opens after a rotation, and no more once its key is revoked', () => {
    const rotated = ring.rotated();
    expect(unseal(rotated, envelope, BINDING)).toBe(VALUE);
    expect(seal(rotated, 'X', 'y', BINDING)).toContain(rotated.active.id);
    expect(rotated.active.id).not.toBe(ring.active.id);
    const revoked = new KeyRing(
      rotated.keys.map((key) => (key.id === ring.active.id ? { ...key, state: 'revoked' as const } : key)),
    );
    expect(unseal(revoked, envelope, BINDING)).toBeUndefined();
  });
});

describe('a token', () => {
  const ring = KeyRing.fresh();
  const make = (ttlMs = 60_000): Tokens => new Tokens(ring, new MemoryTokenStore(ttlMs));

  it('is short, the same for the same value, and another one for another tenant', () => {
    const tokens = make();
    const token = tokens.tokenOf('EMAIL_ADDRESS', 'a@b.io', BINDING);
    expect(token).toMatch(/^EMAIL_[0-9A-Z]{6}$/);
    expect(tokens.tokenOf('EMAIL_ADDRESS', 'a@b.io', BINDING)).toBe(token);
    expect(tokens.tokenOf('EMAIL_ADDRESS', 'c@b.io', BINDING)).not.toBe(token);
    expect(tokens.tokenOf('EMAIL_ADDRESS', 'a@b.io', { ...BINDING, tenant: 'bob' })).not.toBe(token);
  });

  it('is restored where it was given out, and nowhere else', () => {
    const tokens = make();
    const token = tokens.tokenOf('PERSON', '홍길동', BINDING);
    let count = 0;
    const restore = (text: string, binding = BINDING): string => tokens.restore(text, binding, () => count++);
    expect(restore(`${token}님, PERSON_000000, X${token}`)).toBe(`홍길동님, PERSON_000000, X${token}`);
    expect(count).toBe(1);
    expect(restore(token, { ...BINDING, tenant: 'bob' })).toBe(token);
    expect(make().restore(token, BINDING, () => count++)).toBe(token);
    expect(count).toBe(1);
  });

  it('is forgotten after its time, and when there are too many', () => {
    const old = make(0);
    const token = old.tokenOf('PERSON', '홍길동', BINDING);
    expect(old.restore(token, BINDING, () => {})).toBe(token);
    const store = new MemoryTokenStore(60_000, 2);
    for (const key of ['a', 'b', 'c']) store.put(key, key);
    expect(['a', 'b', 'c'].map((key) => store.get(key))).toEqual([undefined, 'b', 'c']);
  });

  it('of two values with the same letters, the second gets more of them', () => {
    const entries = new Map<string, string>();
    const store = {
      get: (key: string) => entries.get(key),
      put: (key: string, value: string) => void entries.set(key, value),
    };
    const tokens = new Tokens(ring, store);
    const first = tokens.tokenOf('PERSON', 'a', BINDING);
    // As if another value had been given this token.
    entries.set(JSON.stringify([BINDING.tenant, BINDING.policy, first]), seal(ring, 'PERSON', 'b', BINDING));
    const second = tokens.tokenOf('PERSON', 'a', BINDING);
    expect(second).toHaveLength(first.length + 1);
    expect(tokens.restore(`${first} ${second}`, BINDING, () => {})).toBe('b a');
  });
});

describe('the key file', () => {
  it('is made for its owner only, and read again', () => {
    const path = join(folder, 'keys.json');
    const ring = openKeyFile(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(openKeyFile(path).active.key).toEqual(ring.active.key);
    replaceKeyFile(path, ring.rotated());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readKeyFile(path).keys).toHaveLength(2);
  });

  it('is not taken when others may read it, when it is a link, or when it is none', () => {
    const path = join(folder, 'open.json');
    openKeyFile(path);
    chmodSync(path, 0o640);
    expect(() => readKeyFile(path)).toThrow(/chmod 0600/);
    chmodSync(path, 0o600);
    const link = join(folder, 'link.json');
    symlinkSync(path, link);
    expect(() => readKeyFile(link)).toThrow(/ELOOP/);
    expect(() => readKeyFile(join(folder, 'none.json'))).toThrow(/ENOENT/);
    const key = (JSON.parse(readFileSync(path, 'utf8')) as { keys: Record<string, { key: string }> }).keys;
    for (const wrong of [
      '',
      '{}',
      '{"keys":{}}',
      '{"keys":{"0":{}}}',
      '{"keys":{"00000000":{"key":"AA","state":"active"}}}',
    ]) {
      writeFileSync(path, wrong);
      expect(() => readKeyFile(path), wrong).toThrow(/is no key ring/);
    }
    expect(Object.keys(key)).toHaveLength(1);
  });
});

describe('Fernet', () => {
  // The vectors of the specification: generate.json and verify.json.
  const key = fernetKey('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=');
  const token =
    'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';

  it('writes and reads the vector of its specification', () => {
    const iv = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(fernetEncrypt(key, 'hello', 499_162_800, iv)).toBe(token);
    expect(fernetDecrypt(key, token)).toBe('hello');
  });

  it('reads nothing that was changed, cut, or made with another key', () => {
    const bytes = Buffer.from(token, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      expect(fernetDecrypt(key, changed.toString('base64url'))).toBeUndefined();
      expect(fernetDecrypt(key, bytes.subarray(0, i).toString('base64url'))).toBeUndefined();
    }
    expect(fernetDecrypt(Buffer.alloc(32), token)).toBeUndefined();
    expect(() => fernetKey('short')).toThrow(/32 bytes/);
  });

  it('keeps text of any language', () => {
    expect(fernetDecrypt(key, fernetEncrypt(key, VALUE))).toBe(VALUE);
  });
});
