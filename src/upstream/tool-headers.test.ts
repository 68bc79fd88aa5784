import { describe, expect, it } from 'vitest';
import { Body } from '../core/body.ts';
import type { JsonObject } from '../core/json.ts';
import { ToolHeaders } from './tool-headers.ts';

const tool = (name: string, ...headers: string[]): JsonObject => ({
  name,
  inputSchema: {
    type: 'object',
    properties: Object.fromEntries(
      headers.map((header, i) => [`p${i}`, { type: 'string', 'x-mcp-header': header }]),
    ),
  },
});
const list = (...tools: JsonObject[]): Body => Body.value({ tools, nextCursor: 'x', more: 1 });

function setUp(): { headers: ToolHeaders; warnings: string[] } {
  const warnings: string[] = [];
  return { headers: new ToolHeaders((warning) => warnings.push(warning)), warnings };
}

describe('ToolHeaders', () => {
  it('knows what it has seen in a list, and nothing else', () => {
    const { headers } = setUp();
    const seen = list(tool('a', 'Region'), tool('b'));
    expect(headers.learn(seen)).toBe(seen);
    const callArguments = { p0: 'eu' };
    expect(headers.for('tools/call', { name: 'a', arguments: callArguments })).toEqual({
      'mcp-param-region': 'eu',
    });
    expect(headers.for('tools/call', { name: 'b', arguments: callArguments })).toBeUndefined();
    expect(headers.for('tools/call', { name: 'c', arguments: callArguments })).toBeUndefined();
    expect(headers.for('tools/call', { name: 5 })).toBeUndefined();
    expect(headers.for('prompts/get', { name: 'a', arguments: callArguments })).toBeUndefined();
  });

  it('takes over what has changed', () => {
    const { headers } = setUp();
    headers.learn(list(tool('a', 'Region'), tool('b', 'X')));
    headers.learn(list(tool('a', 'Zone'), tool('b')));
    expect(headers.for('tools/call', { name: 'a', arguments: { p0: 'eu' } })).toEqual({
      'mcp-param-zone': 'eu',
    });
    expect(headers.for('tools/call', { name: 'b', arguments: { p0: 'eu' } })).toBeUndefined();
  });

  it('leaves tools out whose annotations are against the rules, and says so once', () => {
    const { headers, warnings } = setUp();
    for (let i = 0; i < 2; i++)
      expect(headers.learn(list(tool('good'), tool('bad', 'a b'))).parse()).toEqual({
        tools: [tool('good')],
        nextCursor: 'x',
        more: 1,
      });
    expect(warnings).toEqual(['the tool "bad" is left out: x-mcp-header is not the name of a header']);
  });

  it.each([
    ['no JSON', Body.wire('{"tools":[')],
    ['no tools', Body.wire('{}')],
    ['no list', Body.wire('{"tools":{}}')],
    ['no tool', Body.wire('{"tools":[1,null,{"name":5},{}]}')],
  ])('passes on what is %s', (_what, body) => {
    expect(setUp().headers.learn(body)).toBe(body);
  });
});
