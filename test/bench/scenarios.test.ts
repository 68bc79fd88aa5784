import { describe, expect, it } from 'vitest';

import { LOAD_SCENARIOS, selectScenarios } from './scenarios.ts';

describe('selectScenarios', () => {
  it('has names that are told apart', () => {
    expect(new Set(LOAD_SCENARIOS.map(({ name }) => name)).size).toBe(LOAD_SCENARIOS.length);
  });

  it('takes everything by default', () => {
    expect(selectScenarios([])).toEqual({
      loads: LOAD_SCENARIOS,
      footprint: true,
      growth: false,
      guard: false,
      auth: false,
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
      guard: false,
      auth: false,
    });
    expect(selectScenarios(['growth'])).toEqual({
      loads: [],
      footprint: false,
      growth: true,
      guard: false,
      auth: false,
    });
    expect(selectScenarios(['guard'])).toEqual({
      loads: [],
      footprint: false,
      growth: false,
      guard: true,
      auth: false,
    });
    expect(selectScenarios(['auth'])).toEqual({
      loads: [],
      footprint: false,
      growth: false,
      guard: false,
      auth: true,
    });
  });

  it('says which there are', () => {
    expect(() => selectScenarios(['ecko'])).toThrow(/echo-100b-c1.*footprint/);
  });
});
