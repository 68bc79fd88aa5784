import { describe, expect, it } from 'vitest';
import { callReference, filled, pending, referencesIn, withoutReferences } from './template.ts';

const email = pending('principal.email');
const key = pending('header:x-api-key');

describe('a reference to what only a call knows', () => {
  it.each([
    ['principal.id', 'principal.id'],
    ['principal.email', 'principal.email'],
    ['principal.user', 'principal.user'],
    ['header:X-Api-Key', 'header:x-api-key'],
    ['principal.roles', undefined],
    ['principal', undefined],
    ['header:', undefined],
    ['header:a b', undefined],
    ['env:PRINCIPAL', undefined],
  ])('%s is %s', (text, name) => {
    expect(callReference(text)).toBe(name);
  });

  it('is found in every text of a server, once', () => {
    const server = { args: [`--user=${email}`, 'x'], env: { A: `${key}${email}` }, cwd: undefined, n: 1 };
    expect(referencesIn(server)).toEqual(['header:x-api-key', 'principal.email']);
    expect(referencesIn({ args: ['${principal.email}'] })).toEqual([]);
  });

  it('is filled in, and what it stands for is not looked through again', () => {
    const values = new Map([
      ['principal.email', '${principal.id}$&'],
      ['header:x-api-key', key],
    ]);
    const server = { kind: 'stdio', args: [`--user=${email}!`], env: { KEY: key }, on: true };
    expect(filled(server, values)).toEqual({
      kind: 'stdio',
      args: ['--user=${principal.id}$&!'],
      env: { KEY: key },
      on: true,
    });
    expect(withoutReferences(`Bearer ${key}`)).toBe('Bearer ');
  });
});
