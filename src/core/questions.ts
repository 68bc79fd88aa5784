import { isObject, type JsonObject } from './json.ts';

/** What a server may ask the client for, by method, and the capability that says the client can be asked. */
export const QUESTIONS: ReadonlyMap<string, 'elicitation' | 'sampling' | 'roots'> = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
]);

/** The methods whose replies may ask for something (basic/patterns/mrtr); the last one of 2025-11-25, for a task. */
export const ASKING: ReadonlySet<string> = new Set([
  'tools/call',
  'prompts/get',
  'resources/read',
  'tasks/result',
]);

/** What each of these capabilities may say besides being there. */
const DETAILS: ReadonlyMap<string, readonly string[]> = new Map([
  ['elicitation', ['form', 'url']],
  ['sampling', ['tools', 'context']],
  ['roots', []],
]);

/** What most clients can be asked. One object for all of them, so that they are told apart at a glance. */
export const NOTHING: JsonObject = Object.freeze({});

/**
 * The part of a client's capabilities that lets a server ask. Only words that are known: a legacy server gets a process
 * for each set of abilities, and a client must not be able to make up ever new ones.
 */
export function askable(capabilities: JsonObject): JsonObject {
  let found: JsonObject | undefined;
  for (const [name, details] of DETAILS) {
    const capability = capabilities[name];
    if (!isObject(capability)) continue;
    const declared = details.filter((detail) => isObject(capability[detail]));
    (found ??= {})[name] = Object.fromEntries(declared.map((detail) => [detail, {}]));
  }
  return found ?? NOTHING;
}
