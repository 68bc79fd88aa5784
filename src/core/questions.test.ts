import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from './canonical.ts';
import type { JsonObject } from './json.ts';
import { askable } from './questions.ts';

describe('askable', () => {
  it('keeps what lets a server ask, and leaves the rest of the capabilities out', () => {
    expect(
      askable({
        elicitation: { form: {}, url: {} },
        sampling: { tools: {}, context: {} },
        roots: { listChanged: true },
        experimental: { x: {} },
        tasks: {},
        extensions: { y: {} },
      }),
    ).toEqual({ elicitation: { form: {}, url: {} }, sampling: { tools: {}, context: {} }, roots: {} });
  });

  it.each([
    [{}, {}],
    [{ elicitation: true, sampling: 'yes', roots: null }, {}],
    [{ elicitation: [] }, {}],
    [{ elicitation: {} }, { elicitation: {} }],
    [{ elicitation: { form: {}, applyDefaults: true } }, { elicitation: { form: {} } }],
  ])('of %o is %o', (capabilities, expected) => {
    expect(askable(capabilities as JsonObject)).toEqual(expected);
  });

  it('gives a client no way to declare ever new abilities: each set of them is a process of its own', () => {
    const wild = fc.dictionary(fc.string(), fc.jsonValue());
    const capabilities = fc
      .record({ elicitation: wild, sampling: wild, roots: wild }, { requiredKeys: [] })
      .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
    const sets = new Set<string>();
    fc.assert(
      fc.property(capabilities, (value) => {
        sets.add(canonical(askable(value)));
      }),
      { numRuns: 500 },
    );
    expect(sets.size).toBeLessThanOrEqual(50);
    expect([...sets].join()).not.toContain('listChanged');
  });
});
