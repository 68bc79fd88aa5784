import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Body, toWire } from './body.ts';
import type { JsonObject } from './json.ts';

type Form = (json: string) => Body;

/** The bytes in pieces of so many. */
function pieces(json: string, size: number): Body {
  const bytes = Buffer.from(json);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Body.chunks(chunks, bytes.length);
}

/** Each way in which the same result may be held. */
const FORMS: [string, Form][] = [
  ['wire text', (json) => Body.wire(toWire(json))],
  ['a value', (json) => Body.value(JSON.parse(json) as JsonObject)],
  ['one chunk', (json) => pieces(json, 1e9)],
  ['chunks of 7 bytes', (json) => pieces(json, 7)],
  ['chunks of 1 byte', (json) => pieces(json, 1)],
];

const seen = (body: Body): string => Buffer.from(body.text, 'latin1').toString('utf8');
const object = fc
  .dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue())
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

/** The body is what its three views say it is. */
function expectWhole(body: Body): void {
  expect(body.size).toBe(body.text.length);
  expect(body.parse()).toEqual(JSON.parse(seen(body)));
  if (body.chunks) expect(Buffer.concat(body.chunks)).toHaveLength(body.size);
}

describe.each(FORMS)('a body of %s', (_form, make) => {
  it('has one object, one text and one size', () => {
    fc.assert(
      fc.property(object, (value) => {
        const body = make(JSON.stringify(value));
        expectWhole(body);
        expect(body.parse()).toEqual(value);
        expect(body.size).toBe(Buffer.byteLength(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    ['{}', '{"z":1}'],
    ['{ }', '{"z":1}'],
    ['{\t}  ', '{"z":1}'],
    ['{"a":1}', '{"a":1,"z":1}'],
    ['{"a":{}}', '{"a":{},"z":1}'],
    ['{"a":{"b":{}} } ', '{"a":{"b":{}},"z":1}'],
    ['{"a":"}"}', '{"a":"}","z":1}'],
    ['{"a":"안녕 👋"}', '{"a":"안녕 👋","z":1}'],
    [`{"a":"${'x'.repeat(200)}"}`, `{"a":"${'x'.repeat(200)}","z":1}`],
    [`{"a":1}${' '.repeat(200)}`, '{"a":1,"z":1}'],
    [`{${' '.repeat(200)}}`, '{"z":1}'],
  ])('%s with a member appended is %s', (json, expected) => {
    const body = make(json).append('"z":1');
    expectWhole(body);
    expect(seen(body).replaceAll(/ (?=[,}])|\s+$|(?<=\{)\s+/g, '')).toBe(expected);
  });

  it('says ours, where a member is appended that it has already', () => {
    expect(make('{"a":1,"b":2}').append('"a":3').parse()).toEqual({ a: 3, b: 2 });
  });

  it('is not changed by what is made of it', () => {
    const body = make('{"a":1,"b":{"c":2}}');
    body.append('"z":1');
    body.without('a');
    body.withoutEnd('"a":1');
    expect(seen(body)).toBe('{"a":1,"b":{"c":2}}');
    expectWhole(body);
  });

  it('has the members that it has itself, and no others', () => {
    const body = make(
      '{"a":{"inner":1},"text":"\\"quoted\\":1 and \\"words\\"","__proto__":{"up":1},"words":null}',
    );
    for (const key of ['a', 'text', '__proto__', 'words']) expect(body.has(key)).toBe(true);
    for (const key of ['inner', 'quoted', 'up', 'toString', 'constructor', 'b', ''])
      expect(body.has(key)).toBe(false);
  });

  it('finds any of its keys', () => {
    const plain = fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'b', '_') }), fc.nat(), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(plain, fc.string({ unit: fc.constantFrom('a', 'b', '_') }), (value, key) => {
        const body = make(JSON.stringify(value));
        for (const each of Object.keys(value)) expect(body.has(each)).toBe(true);
        expect(body.has(key)).toBe(Object.hasOwn(value, key));
      }),
    );
  });

  it('is itself without members it does not have', () => {
    const body = make('{"a":1.0}');
    expect(body.without('b', 'toString')).toBe(body);
  });

  it('loses the members named, and these only', () => {
    const body = make('{"a":1,"b":{"a":2},"__proto__":3,"c":[4]}').without('a', '__proto__');
    expectWhole(body);
    expect(seen(body)).toBe('{"b":{"a":2},"c":[4]}');
  });

  it('loses what was put at its end again', () => {
    fc.assert(
      fc.property(object, (value) => {
        const body = make(JSON.stringify(value)).append('"resultType":"complete"');
        const again = body.withoutEnd('"resultType":"complete"') ?? body.without('resultType');
        const { resultType: _said, ...rest } = value;
        expectWhole(again);
        expect(again.parse()).toEqual(rest);
      }),
    );
  });
});

describe('withoutEnd', () => {
  const MEMBER = '"resultType":"complete"';

  it.each([`{${MEMBER},"a":1}`, `{"a":1,${MEMBER}}`])('does not need to parse large bodies: %s', (json) => {
    const body = Body.chunks([Buffer.from(json)], json.length).withoutEnd(MEMBER);
    expect(body?.chunks).toBeDefined();
    expect(body?.text).toBe('{"a":1}');
  });

  describe.each(FORMS)('of %s', (_form, make) => {
    it.each([
      ['first', `{${MEMBER},"a":{"b":1}}`, '{"a":{"b":1}}'],
      ['last', `{"a":{"b":1},${MEMBER}}`, '{"a":{"b":1}}'],
    ])('leaves the others when it stands %s, or says nothing', (_where, json, expected) => {
      const body = make(json).withoutEnd(MEMBER);
      if (!body) return;
      expectWhole(body);
      expect(seen(body)).toBe(expected);
    });

    it.each([
      `{"a":1,${MEMBER},"b":2}`,
      `{"a":{"b":1,${MEMBER}}}`,
      `{"a":{${MEMBER},"b":1}}`,
      '{"a":",\\"resultType\\":\\"complete\\"}"}',
      '{"a":"\\",\\"resultType\\":\\"complete\\""}',
      '{"resultType":"completed","a":1}',
      '{"resultType":"input_required","a":1}',
      '{"a":1}',
      '{}',
    ])('says nothing about %s', (json) => {
      expect(make(json).withoutEnd(MEMBER)).toBeUndefined();
    });
  });

  it('finds it first and last in wire text, and first in chunks, without parsing', () => {
    // Neither is JSON: whoever parses it throws.
    expect(Body.wire(`{${MEMBER},"a":?}`).withoutEnd(MEMBER)?.text).toBe('{"a":?}');
    expect(Body.wire(`{"a":?,${MEMBER}}`).withoutEnd(MEMBER)?.text).toBe('{"a":?}');
    expect(pieces(`{${MEMBER},"a":?}`, 40).withoutEnd(MEMBER)?.text).toBe('{"a":?}');
  });
});

describe('a body from the server', () => {
  const KEEPSAKES = '{"a": 1.0,"b":12345678901234567890,"c":1e2,"d":"\\u00e9","e":"é"}';

  it.each(FORMS.filter(([form]) => form !== 'a value'))('as %s keeps every byte', (_form, make) => {
    const body = make(KEEPSAKES);
    body.parse();
    expect(seen(body)).toBe(KEEPSAKES);
    expect(seen(body.append('"z":1'))).toBe(`${KEEPSAKES.slice(0, -1)},"z":1}`);
  });

  it.each(['[]', 'null', '"a"', '1', '{"a":', '', '{"a":1},"b":2'])(
    '%o throws when its object is asked for',
    (json) => {
      for (const body of [Body.wire(json), pieces(json, 3)]) {
        expect(() => body.parse()).toThrow(SyntaxError);
        expect(body.tryParse()).toBeUndefined();
      }
    },
  );

  it('that is no JSON has no members, and throws only when its object is asked for', () => {
    for (const body of [Body.wire('{"ttlMs":?}'), pieces('{"ttlMs":?}', 3)]) {
      expect(body.has('ttlMs')).toBe(false);
      expect(body.without('ttlMs')).toBe(body);
      expect(body.append('"z":1').text).toBe('{"ttlMs":?,"z":1}');
    }
  });

  it('in large chunks gets a member without being copied', () => {
    const bytes = Buffer.from(`{"a":"${'x'.repeat(100_000)}"}`);
    const chunks = [bytes.subarray(0, 50_000), bytes.subarray(50_000)];
    const body = Body.chunks(chunks, bytes.length).append('"z":1');
    const copied = body.chunks?.filter((chunk) => chunk.buffer !== bytes.buffer) ?? [];
    expect(copied.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(100);
    expect(body.parse()).toEqual({ a: 'x'.repeat(100_000), z: 1 });
  });
});

describe('toWire', () => {
  it('is the UTF-8 bytes as characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = JSON.stringify(text);
        expect(Buffer.from(toWire(json), 'latin1')).toEqual(Buffer.from(json, 'utf8'));
      }),
    );
  });
});
