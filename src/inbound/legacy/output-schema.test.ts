import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { ToolSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { result } from '../../core/reply.ts';
import { downgrade } from './downgrade.ts';

/** What a legacy client gets of a tool, and of a value that the tool answers with. */
function shown(outputSchema: JsonObject, value: JsonValue): { schema: JsonObject; structured: unknown } {
  const tool = { name: 't', inputSchema: { type: 'object' }, icons: [{ src: 'x' }], outputSchema };
  const list = downgrade(result({ tools: [tool], nextCursor: 'c' }), 'tools/list', '2025-11-25');
  const called = downgrade(result({ content: [], structuredContent: value }), 'tools/call', '2025-11-25');
  if (list.kind !== 'result' || called.kind !== 'result') throw new Error('a failure');
  const { tools, nextCursor } = list.body.parse() as { tools: JsonObject[]; nextCursor: string };
  expect(nextCursor).toBe('c');
  expect(tools[0]).toMatchObject({ name: 't', icons: [{ src: 'x' }] });
  return {
    schema: ToolSchema.parse(tools[0]).outputSchema as JsonObject,
    structured: called.body.parse()['structuredContent'],
  };
}

/** Does the client's own check of the two agree? */
function fits(outputSchema: JsonObject, value: JsonValue): boolean {
  const { schema, structured } = shown(outputSchema, value);
  expect(structured, 'the client takes objects only').toBeTypeOf('object');
  return new AjvJsonSchemaValidator().getValidator(schema)(structured).valid;
}

const tree = {
  $defs: { leaf: { type: 'string' } },
  type: 'array',
  items: { anyOf: [{ $ref: '#/$defs/leaf' }, { $ref: '#' }] },
};

describe('the schema of what is no object', () => {
  it.each<[string, JsonObject, JsonValue, JsonValue]>([
    ['an array', { type: 'array', items: { type: 'number' } }, [1, 2], ['x']],
    ['a text', { type: 'string', minLength: 2 }, 'xy', 'x'],
    ['null', { type: 'null' }, null, 1],
    ['one of several', { type: ['string', 'number'] }, 1, true],
    ['a tree that refers to itself', tree, ['a', ['b', ['c']]], ['a', [1]]],
    [
      'a property called like a keyword',
      {
        type: 'array',
        items: { type: 'object', properties: { const: { $ref: '#/$defs/x' } } },
        $defs: { x: { type: 'number' } },
      },
      [{ const: 1 }],
      [{ const: 'x' }],
    ],
    [
      'data that looks like a reference',
      { type: 'array', items: { enum: [{ $ref: '#/x' }] } },
      [{ $ref: '#/x' }],
      [{ $ref: '#/y' }],
    ],
  ])('%s: fits the wrapped value, and no other', (_title, schema, good, bad) => {
    expect(fits(schema, good)).toBe(true);
    expect(fits(schema, bad)).toBe(false);
  });

  it.each<[string, JsonObject, JsonValue[], JsonValue[]]>([
    [
      'either an object or not',
      {
        anyOf: [
          { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
          { type: 'number' },
        ],
      },
      [{ a: 1 }, 5],
      [{ a: 'x' }, 'x'],
    ],
    [
      'an object or null, by reference',
      { $defs: { o: { type: 'object', required: ['a'] } }, anyOf: [{ $ref: '#/$defs/o' }, { type: 'null' }] },
      [{ a: 1 }, null],
      [{ b: 1 }, 1],
    ],
    [
      'a list of types',
      { type: ['object', 'array'], maxItems: 1, required: ['a'] },
      [{ a: 1 }, [1]],
      [{}, [1, 2]],
    ],
  ])('%s: fits an object as it is, and the rest wrapped', (_title, schema, good, bad) => {
    for (const value of good) expect(fits(schema, value), JSON.stringify(value)).toBe(true);
    for (const value of bad) expect(fits(schema, value), JSON.stringify(value)).toBe(false);
  });

  it('says its dialect at the root', () => {
    const $schema = 'http://json-schema.org/draft-07/schema#';
    const { schema } = shown({ $schema, type: 'array' }, []);
    expect(schema).toEqual({
      $schema,
      type: 'object',
      properties: { result: { type: 'array' } },
      required: ['result'],
    });
  });

  it('is left alone below a name of its own, where its references lead to itself', () => {
    const inner = { $id: 'https://example.com/x', items: { $ref: '#/$defs/y' }, $defs: { y: {} } };
    const { schema } = shown({ type: 'array', items: inner }, []);
    expect(schema).toMatchObject({ properties: { result: { items: inner } } });
  });
});

it('the schema of an object stays as it is, to the byte', () => {
  const reply = result({ tools: [{ name: 't', outputSchema: { type: 'object', $ref: '#/$defs/x' } }] });
  const old = downgrade(reply, 'tools/list', '2025-06-18');
  expect(old.kind === 'result' && reply.kind === 'result' && old.body === reply.body).toBe(true);
});

it.each<JsonValue>([{}, { tools: 1 }, { tools: [1, null, { outputSchema: 1 }, { outputSchema: [] }] }])(
  'a list that is none hurts nobody: %j',
  (list) => {
    const reply = result({ list, outputSchema: 1, ...(list as JsonObject) });
    expect(downgrade(reply, 'tools/list', '2025-06-18')).toMatchObject({ kind: 'result' });
  },
);
