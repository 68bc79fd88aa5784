import { describe, expect, it } from 'vitest';
import { diffConfig, diffServers } from './diff.ts';
import type { Config, ServerConfig } from './schema.ts';
import { configFromCommand, quickstartConfig } from './start.ts';

const stdio = (name: string, rest: Partial<Extract<ServerConfig, { kind: 'stdio' }>> = {}): ServerConfig => ({
  name,
  kind: 'stdio',
  command: 'x',
  args: [],
  env: {},
  cwd: undefined,
  ...rest,
});

const names = (servers: readonly ServerConfig[]): string[] => servers.map((server) => server.name);

describe('diffServers', () => {
  it('tells new, gone, other and the same', () => {
    const before = [stdio('kept'), stdio('changed'), stdio('removed')];
    const after = [stdio('added'), stdio('changed', { args: ['-v'] }), stdio('kept')];
    const diff = diffServers(before, after);
    expect(names(diff.added)).toEqual(['added']);
    expect(names(diff.removed)).toEqual(['removed']);
    expect(diff.changed).toEqual([stdio('changed', { args: ['-v'] })]);
    expect(names(diff.kept)).toEqual(['kept']);
  });

  it('looks at everything in depth, but not at the order of variables', () => {
    const one = stdio('a', { env: { A: '1', B: '2' } });
    expect(diffServers([one], [stdio('a', { env: { B: '2', A: '1' } })]).kept).toHaveLength(1);
    expect(diffServers([one], [stdio('a', { env: { A: '1', B: '3' } })]).changed).toHaveLength(1);
    expect(diffServers([one], [stdio('a', { env: { A: '1' } })]).changed).toHaveLength(1);
    expect(
      diffServers([one], [{ name: 'a', kind: 'builtin', builtin: 'net', options: {} }]).changed,
    ).toHaveLength(1);
    expect(diffServers([], [])).toEqual({ added: [], removed: [], changed: [], kept: [] });
  });
});

describe('diffConfig', () => {
  const before = quickstartConfig();

  it('names the other parts that changed, and those that wait for a restart', () => {
    const after: Config = {
      ...before,
      listen: { host: '::1', port: 1 },
      log: { level: 'debug' },
      allowedHosts: ['a'],
    };
    const diff = diffConfig(before, after);
    expect([...diff.sections].toSorted()).toEqual(['allowedHosts', 'listen', 'log']);
    expect(diff.needRestart).toEqual(['listen']);
    expect(names(diff.servers.kept)).toEqual(['net']);
  });

  it('has nothing to say when nothing changed', () => {
    expect(diffConfig(before, quickstartConfig())).toMatchObject({ sections: [], needRestart: [] });
  });

  it('sees servers come and go', () => {
    const diff = diffConfig(before, configFromCommand(['x']));
    expect([names(diff.servers.added), names(diff.servers.removed), diff.sections]).toEqual([
      ['x'],
      ['net'],
      [],
    ]);
  });
});
