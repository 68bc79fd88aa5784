import { randomUUID } from 'node:crypto';
import type { Client } from '../../core/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { QUESTIONS } from '../../core/questions.ts';
import { failure, type Failure } from '../../core/reply.ts';
import { knownMessages } from './downgrade.ts';

/** A question as a client's version can be asked it, and how its result is to be read. */
export interface Question {
  readonly params: JsonObject;
  /** The client's result in the words of the newest version. */
  read(result: JsonObject): JsonObject;
}

const AS_IT_IS = (result: JsonObject): JsonObject => result;

/** Puts a question in the words of the client's version, or says that it cannot be asked. */
export function questionFor(client: Client, method: string, params: JsonObject): Question | Failure {
  const capability = QUESTIONS.get(method);
  const declared = capability === undefined ? undefined : client.capabilities[capability];
  if (!isObject(declared)) return failure('input_unsupported', `It is ${method}.`);
  const version = client.protocolVersion;
  if (method === 'elicitation/create')
    return params['mode'] === 'url'
      ? urlQuestion(params, declared)
      : version < '2025-11-25'
        ? plainForm(params)
        : { params, read: AS_IT_IS };
  const { messages } = params;
  if (method !== 'sampling/createMessage' || version >= '2025-03-26' || !Array.isArray(messages))
    return { params, read: AS_IT_IS };
  return { params: { ...params, messages: knownMessages(messages, version) }, read: AS_IT_IS };
}

function urlQuestion(params: JsonObject, declared: JsonObject): Question | Failure {
  if (!isObject(declared['url'])) return failure('input_unsupported', 'It wants the user to open a URL.');
  // 2025-11-25 requires an id, and 2026-07-28 has none any more.
  return { params: { elicitationId: randomUUID(), ...params }, read: AS_IT_IS };
}

/** A form for 2025-06-18: without `mode`, choices as `enum` with `enumNames`, and several of them as a text. */
function plainForm(params: JsonObject): Question {
  const { mode: _, ...rest } = params;
  const { requestedSchema } = rest;
  const properties = isObject(requestedSchema) ? requestedSchema['properties'] : undefined;
  if (!isObject(requestedSchema) || !isObject(properties)) return { params: rest, read: AS_IT_IS };
  const lists = new Map<string, readonly Choice[]>();
  const plain = Object.entries(properties).map(([name, field]): [string, JsonValue] => {
    if (!isObject(field)) return [name, field];
    if (field['type'] === 'array') {
      const choices = choicesOf(field['items']);
      lists.set(name, choices);
      return [name, asText(field, choices)];
    }
    return [name, Array.isArray(field['oneOf']) ? asEnum(field) : field];
  });
  return {
    params: { ...rest, requestedSchema: { ...requestedSchema, properties: Object.fromEntries(plain) } },
    read: (result) => (lists.size > 0 ? withLists(result, lists) : result),
  };
}

interface Choice {
  readonly value: string;
  readonly title: string;
}

function choicesOf(schema: JsonValue | undefined): Choice[] {
  if (!isObject(schema)) return [];
  const titled = schema['oneOf'] ?? schema['anyOf'];
  if (Array.isArray(titled))
    return titled.flatMap((each) => {
      if (!isObject(each) || typeof each['const'] !== 'string') return [];
      const { const: value, title } = each;
      return [{ value, title: typeof title === 'string' ? title : value }];
    });
  const values = schema['enum'];
  return Array.isArray(values)
    ? values.filter((value) => typeof value === 'string').map((value) => ({ value, title: value }))
    : [];
}

function asEnum(field: JsonObject): JsonObject {
  const { oneOf: _, ...rest } = field;
  const choices = choicesOf(field);
  return {
    ...rest,
    enum: choices.map(({ value }) => value),
    enumNames: choices.map(({ title }) => title),
  };
}

function asText(field: JsonObject, choices: readonly Choice[]): JsonObject {
  const { title, description, default: chosen } = field;
  const how = `Several, with commas between them: ${choices.map((choice) => choice.title).join(', ')}`;
  return {
    type: 'string',
    ...(title !== undefined && { title }),
    description: typeof description === 'string' ? `${description} (${how})` : how,
    ...(Array.isArray(chosen) && {
      default: chosen.filter((value) => typeof value === 'string').join(', '),
    }),
  };
}

/** The texts that a person typed, as the lists that were asked for. What is no choice is left for the server to refuse. */
function withLists(result: JsonObject, lists: ReadonlyMap<string, readonly Choice[]>): JsonObject {
  const { content } = result;
  if (!isObject(content)) return result;
  const read = Object.entries(content).map(([name, value]): [string, JsonValue] => {
    const choices = lists.get(name);
    if (!choices || typeof value !== 'string') return [name, value];
    const typed = value.split(',').map((part) => part.trim());
    return [name, typed.filter((part) => part !== '').map((part) => valueOf(part, choices))];
  });
  return { ...result, content: Object.fromEntries(read) };
}

function valueOf(typed: string, choices: readonly Choice[]): string {
  const wanted = typed.toLowerCase();
  const found = choices.find(
    ({ value, title }) => value.toLowerCase() === wanted || title.toLowerCase() === wanted,
  );
  return found?.value ?? typed;
}
