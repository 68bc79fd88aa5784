import { describe, expect, it } from 'vitest';
import { masked, Operators, replaceEntities } from './operators.ts';
import { KeyRing } from './vault/key-ring.ts';
import { MemoryTokenStore } from './vault/tokens.ts';

const binding = { tenant: 'alice', policy: 'default' };

describe('masking', () => {
  it.each([
    ['010-1234-5678', 4, '***-****-5678'],
    ['kim@example.com', 0, '***@*******.***'],
    ['홍길동', 1, '**동'],
    ['ab', 5, 'ab'],
    ['😀a', 0, '😀*'],
  ])('%s, keeping %i, reads %s', (value, keep, expected) => {
    expect(masked(value, keep)).toBe(expected);
  });
});

describe('the operators', () => {
  const ring = KeyRing.fresh();
  const operators = new Operators(() => ring, new MemoryTokenStore(60_000));
  const treat = (
    action: 'allow' | 'log' | 'hash' | 'encrypt' | 'tokenize' | 'redact',
    value = 'kim@example.com',
  ): string => operators.replacement('EMAIL_ADDRESS', value, { action, keep: 0, binding });

  it('leave, hide, or hash a value', () => {
    expect(treat('allow')).toBe('kim@example.com');
    expect(treat('log')).toBe('kim@example.com');
    expect(treat('redact')).toBe('[EMAIL_ADDRESS]');
    expect(treat('hash')).toMatch(/^⟦EMAIL_ADDRESS:[0-9a-f]{32}⟧$/);
    expect(treat('hash')).toBe(treat('hash'));
    expect(treat('hash', 'lee@example.com')).not.toBe(treat('hash'));
  });

  it.each(['encrypt', 'tokenize'] as const)('undo %s under the same binding only', (action) => {
    const text = `To: ${treat(action)}.`;
    expect(text).not.toContain('kim');
    let restored = 0;
    expect(operators.restore(text, [binding], () => (restored += 1))).toBe('To: kim@example.com.');
    expect(restored).toBe(1);
    expect(operators.restore(text, [{ ...binding, tenant: 'bob' }], () => (restored += 1))).toBe(text);
    expect(restored).toBe(1);
  });

  it('need no key to mask', () => {
    const keyless = new Operators(() => {
      throw new Error('no key');
    }, new MemoryTokenStore(1));
    expect(keyless.replacement('X', 'abc', { action: 'mask', keep: 0, binding })).toBe('***');
  });
});

describe('a text', () => {
  it('has its finds replaced in place', () => {
    const finds = [
      { type: 'A', start: 0, end: 2, score: 1 },
      { type: 'B', start: 5, end: 6, score: 1 },
    ];
    expect(replaceEntities('ab cde!', finds, ({ type }, value) => `<${type}${value}>`)).toBe('<Aab> cd<Be>!');
  });
});
