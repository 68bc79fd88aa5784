import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../core/json.ts';
import { parameterHeaders } from './mcp-headers.ts';
import { mismatchOf, readParameterHeaders } from './parameter-headers.ts';

const REGION = { header: 'Region', path: ['region'] };
const LEVEL = { header: 'Level', path: ['options', 'level'] };

/** What is wrong with a request that has these headers and these arguments. */
function wrong(headers: readonly (readonly [string, string])[], input: JsonObject): string | undefined {
  return mismatchOf([REGION, LEVEL], input, readParameterHeaders(headers.flat()));
}

const base64 = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;

describe('headers that repeat arguments', () => {
  it.each<[string, string, JsonObject[string]]>([
    ['a text', 'eu', 'eu'],
    ['an empty text', '', ''],
    ['a text that is encoded without need', base64('eu'), 'eu'],
    ['a text that has to be encoded', base64('Zürich '), 'Zürich '],
    ['a text that looks encoded', base64('=?base64?YQ==?='), '=?base64?YQ==?='],
    ['one end of an encoding', '=?base64?SGVsbG8=', '=?base64?SGVsbG8='],
    ['base64 that is none', 'SGVsbG8=', 'SGVsbG8='],
    ['a truth', 'true', true],
    ['an integer', '42', 42],
    ['an integer with a fraction of nothing', '42.0', 42],
    ['an integer with an exponent', '4.2e1', 42],
    ['a negative one', '-7', -7],
    ['an encoded one', base64('42'), 42],
  ])('%s', (_what, header, value) => {
    expect(wrong([['Mcp-Param-Region', header]], { region: value })).toBeUndefined();
  });

  it.each<[string, string, JsonObject[string]]>([
    ['another text', 'us', 'eu'],
    ['the text in another case', 'EU', 'eu'],
    ['another number', '43', 42],
    ['a number in words of another language', '0x2a', 42],
    ['an empty one for a zero', '', 0],
    ['a truth as a number', '1', true],
    ['broken padding', '=?base64?SGVsbG8?=', 'Hello'],
    ['letters that are no base64', '=?base64?SGVs!!!bG8=?=', 'Hello'],
    ['bytes that should have been encoded', 'Z\u00fcrich', 'Zürich'],
    ['something that the arguments leave open', 'eu', null],
    ['a list', 'eu', ['eu']],
    ['an object', '[object Object]', {}],
  ])('are refused with %s', (_what, header, value) => {
    expect(wrong([['mcp-param-region', header]], { region: value })).toMatch(/^Mcp-Param-Region is not/);
  });

  it('are expected where there is a value, and only there', () => {
    expect(wrong([], { region: 'eu' })).toBe('Mcp-Param-Region is missing.');
    expect(wrong([], { options: { level: 0 } })).toBe('Mcp-Param-Level is missing.');
    const silent: JsonObject[] = [
      {},
      { region: null },
      { region: ['eu'] },
      { options: 'none' },
      { level: 3 },
    ];
    for (const input of silent) expect(wrong([], input)).toBeUndefined();
  });

  it('may stand once, whatever they say', () => {
    const twice = [
      ['Mcp-Param-Region', 'eu'],
      ['MCP-PARAM-REGION', 'eu'],
    ] as const;
    expect(wrong(twice, { region: 'eu' })).toBe('Mcp-Param-Region stands more than once.');
  });

  it('are no business of ours where no tool asked for them', () => {
    expect(wrong([['Mcp-Param-Other', '=?base64?!?=']], {})).toBeUndefined();
  });

  it('do not reach what every object has', () => {
    expect(mismatchOf([{ header: 'A', path: ['constructor', 'name'] }], {}, new Map())).toBeUndefined();
  });

  it('are taken as this gateway writes them', () => {
    const input = { region: ' ünïcode ', options: { level: -12 } };
    const written = Object.entries(parameterHeaders([REGION, LEVEL], input));
    expect(written).toHaveLength(2);
    expect(wrong(written, input)).toBeUndefined();
  });
});
