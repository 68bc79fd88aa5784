import { isObject, type JsonObject } from './json.ts';

/** What a server may ask the client for, by method, and the capability that says the client can be asked. */
export const QUESTIONS: ReadonlyMap<string, 'elicitation' | 'sampling' | 'roots'> = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
]);

/** The methods whose replies may ask for something (basic/patterns/mrtr). */
export const ASKING: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** The part of a client's capabilities that lets a server ask, without what belongs to one connection only. */
export function askable(capabilities: JsonObject): JsonObject {
  const found: JsonObject = {};
  for (const name of QUESTIONS.values()) {
    const capability = capabilities[name];
    if (!isObject(capability)) continue;
    found[name] = Object.fromEntries(Object.entries(capability).filter(([key]) => key !== 'listChanged'));
  }
  return found;
}
