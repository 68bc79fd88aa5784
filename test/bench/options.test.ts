import { describe, expect, it } from 'vitest';

import { parseOptions } from './options.ts';

describe('parseOptions', () => {
  it('runs everything for five rounds of ten seconds and writes the page', () => {
    expect(parseOptions([])).toMatchObject({
      rounds: 5,
      warmUpSeconds: 3,
      windowSeconds: 10,
      cores: { server: 0, load: 1 },
      page: 'docs/benchmarks.md',
    });
  });

  it.each([['--quick'], ['--only', 'bare'], ['--scenario', 'blob'], ['--profile']])(
    'does not publish what %s leaves out',
    (...args) => {
      expect(parseOptions(args)?.page).toBeUndefined();
      expect(parseOptions([...args, '--write'])?.page).toBe('docs/benchmarks.md');
    },
  );

  it('takes peers with a command and a path', () => {
    const peers = parseOptions([
      '--peer',
      'a=run --port={port} {child}',
      '--peer',
      'b@/echo/mcp=b {config}',
    ])?.peers;
    expect(peers).toEqual([
      { name: 'a', path: '/mcp', command: 'run --port={port} {child}' },
      { name: 'b', path: '/echo/mcp', command: 'b {config}' },
    ]);
  });

  it.each([
    ['--peer', 'nothing'],
    ['--peer', '=command'],
    ['--rounds', '0'],
    ['--rounds', 'x'],
    ['--cores', '1'],
    ['--nonsense', 'x'],
  ])('refuses %s %s', (...args) => {
    expect(() => parseOptions(args)).toThrow();
  });

  it('leaves help to the caller', () => {
    expect(parseOptions(['--help'])).toBeUndefined();
  });
});
