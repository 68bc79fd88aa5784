import { describe, expect, it } from 'vitest';
import type { Client } from '../../core/call.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { capabilitiesOf } from './downgrade.ts';
import { type Question, questionFor } from './question.ts';

const ALL = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

function client(protocolVersion: string, declared: JsonObject = ALL): Client {
  const capabilities = capabilitiesOf(protocolVersion, declared);
  return { era: 'legacy', protocolVersion, info: undefined, capabilities };
}

/** A question that can be asked. */
function asked(version: string, method: string, params: JsonObject): Question {
  const question = questionFor(client(version), method, params);
  if ('kind' in question) throw new Error(question.error.message);
  return question;
}

function elicit(properties: JsonObject): JsonObject {
  return { mode: 'form', message: 'm', requestedSchema: { type: 'object', properties, required: ['a'] } };
}

/** What the fields of a form become for 2025-06-18. */
function fields(properties: JsonObject): JsonObject {
  const { params } = asked('2025-06-18', 'elicitation/create', elicit(properties));
  return (params['requestedSchema'] as { properties: JsonObject }).properties;
}

const COLOURS = {
  type: 'array',
  title: 'Colours',
  description: 'Which ones?',
  items: {
    anyOf: [
      { const: 'r', title: 'Red' },
      { const: 'g', title: 'Green' },
    ],
  },
  default: ['r'],
};

describe('a question that the client cannot be asked', () => {
  it.each<[string, string, JsonObject, JsonObject]>([
    ['2024-11-05', 'elicitation/create', {}, ALL],
    ['2025-03-26', 'elicitation/create', {}, ALL],
    ['2025-06-18', 'elicitation/create', { mode: 'url', url: 'https://x' }, ALL],
    ['2025-11-25', 'elicitation/create', { mode: 'url', url: 'https://x' }, { elicitation: {} }],
    ['2025-11-25', 'elicitation/create', {}, { sampling: {} }],
    ['2025-11-25', 'sampling/createMessage', {}, { elicitation: {} }],
    ['2025-11-25', 'roots/list', {}, { roots: true }],
    ['2025-11-25', 'tools/call', {}, ALL],
    ['2025-11-25', '__proto__', {}, ALL],
  ])('%s: %s %j is refused', (version, method, params, declared) => {
    expect(questionFor(client(version, declared), method, params)).toMatchObject({
      kind: 'failure',
      error: { data: { reason: 'input_unsupported' } },
    });
  });
});

describe('a question of 2025-11-25', () => {
  it('is asked as it is', () => {
    const params = { ...elicit({ a: COLOURS }), later: 1 };
    const question = asked('2025-11-25', 'elicitation/create', params);
    expect(question.params).toEqual(params);
    const answer = { action: 'accept', content: { a: 'r, g' } };
    expect(question.read(answer)).toBe(answer);
  });

  it('gets an elicitationId when it opens a URL, and keeps one that it has', () => {
    const url = { mode: 'url', message: 'm', url: 'https://example.com' };
    const ids = [1, 2].map(() => asked('2025-11-25', 'elicitation/create', url).params['elicitationId']);
    expect(ids[0]).toMatch(/^[\da-f-]{36}$/);
    expect(ids[0]).not.toBe(ids[1]);
    const own = asked('2025-11-25', 'elicitation/create', { ...url, elicitationId: 'mine' });
    expect(own.params).toEqual({ ...url, elicitationId: 'mine' });
  });
});

describe('a form of 2025-06-18', () => {
  it('has no mode, and all the rest', () => {
    const { params } = asked(
      '2025-06-18',
      'elicitation/create',
      elicit({ a: { type: 'number', minimum: 1 } }),
    );
    expect(params).toEqual({
      message: 'm',
      requestedSchema: {
        type: 'object',
        properties: { a: { type: 'number', minimum: 1 } },
        required: ['a'],
      },
    });
  });

  it('names choices as that version did', () => {
    const oneOf: JsonValue[] = [{ const: 'r', title: 'Red' }, { const: 'g' }, { const: 1 }, null];
    expect(fields({ a: { type: 'string', title: 'A', oneOf, default: 'r' } })['a']).toEqual({
      type: 'string',
      title: 'A',
      enum: ['r', 'g'],
      enumNames: ['Red', 'g'],
      default: 'r',
    });
    const old = { type: 'string', enum: ['x'], enumNames: ['X'] };
    expect(fields({ a: old })['a']).toEqual(old);
  });

  it('asks for several choices in words', () => {
    expect(fields({ a: COLOURS })['a']).toEqual({
      type: 'string',
      title: 'Colours',
      description: 'Which ones? (Several, with commas between them: Red, Green)',
      default: 'r',
    });
    expect(fields({ a: { type: 'array', items: { type: 'string', enum: ['x', 'y'] } } })['a']).toEqual({
      type: 'string',
      description: 'Several, with commas between them: x, y',
    });
  });

  it.each([
    ['Red, Green', ['r', 'g']],
    ['g', ['g']],
    [' GREEN ,, red ', ['g', 'r']],
    ['', []],
    ['blue', ['blue']],
  ])('reads %j as the choices %j', (typed, chosen) => {
    const question = asked('2025-06-18', 'elicitation/create', elicit({ a: COLOURS, b: { type: 'string' } }));
    expect(question.read({ action: 'accept', content: { a: typed, b: 'x, y' } })).toEqual({
      action: 'accept',
      content: { a: chosen, b: 'x, y' },
    });
  });

  it('reads a refusal, and what is no text, as it is', () => {
    const question = asked('2025-06-18', 'elicitation/create', elicit({ a: COLOURS }));
    const answers: JsonObject[] = [{ action: 'decline' }, { action: 'accept', content: { a: ['r'] } }];
    for (const answer of answers) expect(question.read(answer)).toEqual(answer);
  });

  it.each<JsonObject>([
    {},
    { requestedSchema: 1 },
    { requestedSchema: { properties: [] } },
    { requestedSchema: { properties: { a: 1, b: null, c: { type: 'array' }, d: { oneOf: 1 } } } },
    JSON.parse(
      '{"requestedSchema":{"properties":{"__proto__":{"type":"array","items":{"enum":[1]}}}}}',
    ) as JsonObject,
  ])('that is none hurts nobody: %j', (params) => {
    const question = asked('2025-06-18', 'elicitation/create', params);
    expect(Object.keys(question.params)).toEqual(Object.keys(params));
    expect(question.read({ action: 'accept', content: {} })).toEqual({ action: 'accept', content: {} });
  });
});

describe('sampling', () => {
  it('of 2024-11-05 has no sound', () => {
    const audio = { role: 'user', content: { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' } };
    const params = { messages: [audio], maxTokens: 1 };
    expect(asked('2025-03-26', 'sampling/createMessage', params).params).toBe(params);
    const old = asked('2024-11-05', 'sampling/createMessage', params).params;
    expect(old).toMatchObject({ maxTokens: 1, messages: [{ role: 'user', content: { type: 'text' } }] });
    expect(asked('2024-11-05', 'roots/list', {}).params).toEqual({});
  });
});
