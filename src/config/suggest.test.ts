import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, suggest } from './suggest.ts';

describe('suggest', () => {
  const keys = ['command', 'args', 'env', 'cwd', 'url', 'headers', 'allowedHosts', 'mcpServers'];

  it.each([
    ['comand', 'command'],
    ['commnad', 'command'],
    ['Command', 'command'],
    ['arg', 'args'],
    ['enb', 'env'],
    ['allowed_hosts', 'allowedHosts'],
    ['mcp-servers', 'mcpServers'],
    ['mcpservers', 'mcpServers'],
    ['header', 'headers'],
  ])('takes %s for %s', (word, key) => {
    expect(suggest(word, keys)).toBe(key);
  });

  it.each(['foo', 'timeout', '', 'xyzzy', 'c'.repeat(1000)])('has no idea what %j could be', (word) => {
    expect(suggest(word, keys)).toBeUndefined();
  });

  it('prefers the nearest', () => {
    expect(suggest('session', ['sessionsPerUser', 'sessions'])).toBe('sessions');
  });
});

describe('editDistance', () => {
  it('counts a swap as one', () => {
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('command', 'commnad')).toBe(1);
  });

  it('is a distance: nothing to itself, the same both ways, no longer than the longer word', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
        if (a !== b) expect(editDistance(a, b)).toBeGreaterThan(0);
      }),
    );
  });
});
