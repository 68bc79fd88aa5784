import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkServerName, plainServerName } from './server-name.ts';

describe('checkServerName', () => {
  it.each(['net', 'a', 'Git-Hub', 'my.server', 'a_b', '_a', '1', 'x'.repeat(64)])('takes %j', (name) => {
    expect(checkServerName(name)).toEqual({ value: name });
  });

  it.each([
    '',
    'x'.repeat(65),
    'a b',
    'a/b',
    'a%2fb',
    'é',
    '한국어',
    'a__b',
    'a_',
    '.',
    '..',
    '__proto__',
    'constructor',
    'prototype',
    'a\n',
  ])('refuses %j', (name) => {
    expect(checkServerName(name)).toHaveProperty('problem');
  });

  it('never lets two pairs of server and tool come out the same', () => {
    const tool = fc.stringMatching(/^[a-z_]{1,6}$/);
    const server = fc.stringMatching(/^[a-z_]{1,6}$/).filter((name) => 'value' in checkServerName(name));
    fc.assert(
      fc.property(server, tool, server, tool, (server1, tool1, server2, tool2) => {
        if (server1 !== server2) expect(`${server1}__${tool1}`).not.toBe(`${server2}__${tool2}`);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('plainServerName', () => {
  it.each([
    ['@21st-dev/magic', '21st-dev-magic'],
    ['github.com/upstash/context7-mcp', 'github.com-upstash-context7-mcp'],
    ['My Server (beta)', 'My-Server-beta'],
    ['a__b', 'a_b'],
    ['trailing_', 'trailing'],
    ['net', 'net'],
  ])('makes %j plain', (text, name) => {
    expect(plainServerName(text)).toBe(name);
  });

  it.each(['', '한국어', '...', '__', '/'])('has nothing to make of %j', (text) => {
    expect(plainServerName(text)).toBeUndefined();
  });

  it('makes good names only, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const name = plainServerName(text);
        if (name !== undefined) expect(checkServerName(name)).toEqual({ value: name });
      }),
    );
  });
});
