import { describe, expect, it } from 'vitest';

import { AUTH_LOADS, GUARD_LOADS, LOAD_SCENARIOS, selectScenarios } from './scenarios.ts';

describe('selectScenarios', () => {
  it('has names that are told apart', () => {
    const all = [...LOAD_SCENARIOS, ...GUARD_LOADS, ...AUTH_LOADS];
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it('takes everything by default', () => {
    expect(selectScenarios([])).toEqual({
      loads: LOAD_SCENARIOS,
      footprint: true,
      growth: false,
      guard: [],
      auth: [],
    });
  });

  it('takes what begins with one of the words', () => {
    const { loads, footprint } = selectScenarios(['blob', 'echo-1kb']);
    expect(loads.map(({ name }) => name)).toEqual(['echo-1kb-c16', 'blob-1mb', 'blob-10mb']);
    expect(footprint).toBe(false);
    expect(selectScenarios(['foot'])).toEqual({
      loads: [],
      footprint: true,
      growth: false,
      guard: [],
      auth: [],
    });
    expect(selectScenarios(['growth'])).toEqual({
      loads: [],
      footprint: false,
      growth: true,
      guard: [],
      auth: [],
    });
    expect(selectScenarios(['guard'])).toEqual({
      loads: [],
      footprint: false,
      growth: false,
      guard: GUARD_LOADS,
      auth: [],
    });
    expect(selectScenarios(['auth'])).toEqual({
      loads: [],
      footprint: false,
      growth: false,
      guard: [],
      auth: AUTH_LOADS,
    });
  });

  it('takes one of those that run only when they are named', () => {
    const { loads, guard, auth } = selectScenarios(['guard-1000-c64', 'auth-c16']);
    expect(loads).toEqual([]);
    expect([...guard, ...auth].map(({ name }) => name)).toEqual(['guard-1000-c64', 'auth-c16']);
  });

  it('says which there are', () => {
    expect(() => selectScenarios(['ecko'])).toThrow(/echo-100b-c1.*footprint/);
  });
});
