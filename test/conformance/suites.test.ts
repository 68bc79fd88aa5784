import { describe, expect, it } from 'vitest';
import { CLIENT_SUITES, onlyScenario, SUITES } from './suites.ts';

describe('onlyScenario', () => {
  it.each([...SUITES, ...CLIENT_SUITES])('asks $package for one of $name, at the same version', (suite) => {
    const { name, args } = onlyScenario(suite, 'ping');
    expect(name).toBe(suite.name);
    expect(args.slice(0, 2)).toEqual(['--scenario', 'ping']);
    // Either of them would run all scenarios.
    expect(args).not.toContain('--suite');
    expect(args).not.toContain('--requirements');
    const version = name.replace('client-', '');
    expect(args.includes(version)).toBe(name !== '0.1.16');
  });
});
