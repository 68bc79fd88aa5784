import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from './canonical.ts';
import { isObject, type JsonObject, type JsonValue } from './json.ts';

const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

/** The same value with the members of every object the other way round. */
function turned(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(turned);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, turned(member)]),
  );
}

describe('canonical', () => {
  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonical(value))).toEqual(value);
      }),
    );
  });

  it('is the same for values that differ in the order of their members only, and for no others', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(canonical(turned(a))).toBe(canonical(a));
        const isSame = canonical(a) === canonical(b);
        if (isSame) expect(a).toEqual(b);
        else expect(a).not.toEqual(b);
      }),
    );
  });

  it.each([
    ['{"b":1,"a":{"d":[3,{"z":0,"y":null}],"c":2}}', '{"a":{"c":2,"d":[3,{"y":null,"z":0}]},"b":1}'],
    ['{"\\u20ac":1,"\\r":2,"1":3,"\\ud83d\\ude00":4,"\\ufb33":5}', '{"\\r":2,"1":3,"€":1,"😀":4,"\ufb33":5}'],
    ['{"__proto__":{"b":1,"a":2}}', '{"__proto__":{"a":2,"b":1}}'],
    ['[1.0,1e2,-0,0.000001]', '[1,100,0,0.000001]'],
  ])('of %s is %s', (text, expected) => {
    expect(canonical(JSON.parse(text) as JsonObject)).toBe(expected);
  });
});
