import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../core/json.ts';
import { decodeHeaderValue } from './headers.ts';
import { encodeHeaderValue, mirroredParameters, parameterHeaders, standardHeaders } from './mcp-headers.ts';

describe('encodeHeaderValue', () => {
  it.each([
    ['get_weather', 'get_weather'],
    ['a b', 'a b'],
    ['', '=?base64??='],
    [' a', '=?base64?IGE=?='],
    ['a ', '=?base64?YSA=?='],
    ['a\tb', '=?base64?YQli?='],
    ['a\r\nX-Evil: 1', '=?base64?YQ0KWC1FdmlsOiAx?='],
    ['Größe', '=?base64?R3LDtsOfZQ==?='],
    ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
  ])('%j is carried as %j', (value, header) => {
    expect(encodeHeaderValue(value)).toBe(header);
    expect(decodeHeaderValue(header)).toBe(value);
  });

  it('carries every text unchanged, and never anything that ends a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (value) => {
        const header = encodeHeaderValue(value);
        expect(header).toMatch(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/);
        expect(decodeHeaderValue(header)).toBe(value);
      }),
    );
  });
});

describe('standardHeaders', () => {
  it.each([
    ['tools/call', { name: 'a', uri: 'x' }, 'a'],
    ['prompts/get', { name: 'b' }, 'b'],
    ['resources/read', { uri: 'file:///ä', name: 'x' }, '=?base64?ZmlsZTovLy/DpA==?='],
    ['tasks/cancel', { taskId: 't' }, 't'],
    ['tools/list', { name: 'x' }, undefined],
    ['tools/call', { name: 5 }, undefined],
    ['', { '': 'x' }, undefined],
  ])('%s %j', (method, params, name) => {
    expect(standardHeaders('2026-07-28', method, params)).toEqual({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(name !== undefined && { 'mcp-name': name }),
    });
  });
});

const schema = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});
const text = (header: string): JsonObject => ({ type: 'string', 'x-mcp-header': header });

describe('mirroredParameters', () => {
  it('finds annotated parameters, however deep', () => {
    expect(
      mirroredParameters(
        schema({
          region: text('Region'),
          plain: { type: 'string' },
          nested: schema({ count: { type: 'integer', 'x-mcp-header': 'Count' } }),
        }),
      ),
    ).toEqual([
      { header: 'Region', path: ['region'] },
      { header: 'Count', path: ['nested', 'count'] },
    ]);
  });

  it('is content with tools without any, and with what is no schema', () => {
    for (const none of [undefined, null, true, 5, [], {}, schema({}), { properties: 5 }, { properties: [1] }])
      expect(mirroredParameters(none)).toEqual([]);
  });

  it('does not take data for a schema, nor a parameter of that name for an annotation', () => {
    expect(
      mirroredParameters(schema({ 'x-mcp-header': { type: 'string', default: { 'x-mcp-header': 5 } } })),
    ).toEqual([]);
  });

  it.each([
    ['empty', schema({ a: text('') })],
    ['no token', schema({ a: text('a b') })],
    ['a line break', schema({ a: text('a\r\nb') })],
    ['not ASCII', schema({ a: text('Größe') })],
    ['no text', schema({ a: { type: 'string', 'x-mcp-header': 5 } })],
    ['the same twice', schema({ a: text('Region'), b: text('REGION') })],
    ['a number', schema({ a: { type: 'number', 'x-mcp-header': 'A' } })],
    ['an object', schema({ a: { type: 'object', 'x-mcp-header': 'A' } })],
    ['several types', schema({ a: { type: ['string', 'null'], 'x-mcp-header': 'A' } })],
    ['no type', schema({ a: { 'x-mcp-header': 'A' } })],
    ['the root', schema({}, { 'x-mcp-header': 'A' })],
    ['items', schema({ a: { type: 'array', items: text('A') } })],
    ['prefixItems', schema({ a: { type: 'array', prefixItems: [text('A')] } })],
    ['anyOf', schema({ a: { anyOf: [{ type: 'null' }, text('A')] } })],
    ['a condition', schema({}, { if: schema({ a: text('A') }) })],
    ['a definition', schema({}, { $defs: { a: text('A') } })],
    ['other properties', schema({}, { additionalProperties: text('A') })],
    ['a pattern', schema({}, { patternProperties: { '^a': text('A') } })],
  ])('refuses %s', (_what, inputSchema) => {
    expect(mirroredParameters(inputSchema)).toBeTypeOf('string');
  });

  it('is bounded, in breadth and in depth', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`p${i}`, {}]));
    expect(mirroredParameters(schema(many))).toBe('the schema has too many parts');
    let deep: JsonObject = text('A');
    for (let i = 0; i < 20_000; i++) deep = { properties: { a: deep } };
    expect(mirroredParameters(deep)).toBe('the schema has too many parts');
  });
});

describe('parameterHeaders', () => {
  const parameters = [
    { header: 'Region', path: ['region'] },
    { header: 'Deep', path: ['a', 'b'] },
  ];

  it.each([
    [
      { region: 'eu', a: { b: 3 } },
      { 'mcp-param-region': 'eu', 'mcp-param-deep': '3' },
    ],
    [{ region: 'Köln' }, { 'mcp-param-region': '=?base64?S8O2bG4=?=' }],
    [
      { region: false, a: { b: -0.5 } },
      { 'mcp-param-region': 'false', 'mcp-param-deep': '-0.5' },
    ],
    [{ region: null, a: null }, {}],
    [{ region: {}, a: { b: ['x'] } }, {}],
    [{ region: 2 ** 60 }, {}],
    [undefined, {}],
    ['text', {}],
  ])('%j', (callArguments, headers) => {
    expect(parameterHeaders(parameters, callArguments)).toEqual(headers);
  });

  it('does not look into prototypes', () => {
    expect(parameterHeaders([{ header: 'X', path: ['constructor', 'name'] }], {})).toEqual({});
  });
});
