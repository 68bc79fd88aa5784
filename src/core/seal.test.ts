import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { binding, Seal } from './seal.ts';

const ALICE = binding('alice');
const BOB = binding('bob');

describe('a seal', () => {
  it.each(['', 'a', 'ö 中 😀', '{"a":1}', 'x'.repeat(10_000)])('comes open again', (text) => {
    const seal = new Seal();
    const sealed = seal.seal(text, ALICE);
    expect(sealed).toMatch(/^[\w-]+$/);
    // There is no text that is too short, but for none at all.
    expect(seal.open(sealed, ALICE)).toBe(text === '' ? undefined : text);
  });

  it('is another one each time', () => {
    const seal = new Seal();
    expect(seal.seal('a', ALICE)).not.toBe(seal.seal('a', ALICE));
  });

  it('shows nothing of the text', () => {
    const sealed = new Seal().seal('secret-task', ALICE);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('secret');
  });

  it('does not open for another binding, nor under another key', () => {
    const seal = new Seal();
    const sealed = seal.seal('a', ALICE);
    expect(seal.open(sealed, BOB)).toBeUndefined();
    expect(new Seal().open(sealed, ALICE)).toBeUndefined();
  });

  it('opens under the same key elsewhere', () => {
    const key = randomBytes(32);
    expect(new Seal(key).open(new Seal(key).seal('a', ALICE), ALICE)).toBe('a');
  });

  it('does not open with any byte changed, added or taken', () => {
    const seal = new Seal();
    const bytes = Buffer.from(seal.seal('task', ALICE), 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(seal.open(changed.toString('base64url'), ALICE)).toBeUndefined();
      expect(seal.open(bytes.subarray(0, at).toString('base64url'), ALICE)).toBeUndefined();
    }
    expect(seal.open(`${bytes.toString('base64url')}AA`, ALICE)).toBeUndefined();
  });

  it.each(['', 'a', '=', '%', 'not sealed at all, but long enough to be one'])('does not open %j', (text) => {
    expect(new Seal().open(text, ALICE)).toBeUndefined();
  });
});

describe('binding', () => {
  it('tells parts apart, and not the order of members', () => {
    expect(binding('a', 'b')).not.toEqual(binding('ab'));
    expect(binding('a', null)).not.toEqual(binding('a'));
    expect(binding({ a: 1, b: 2 })).toEqual(binding({ b: 2, a: 1 }));
  });
});
