import type { Call, Client } from './call.ts';
import { isObject, type JsonObject } from './json.ts';

/**
 * Tasks: what a tool goes on with after its call was answered. 2025-11-25 has them in its core, where the client asks
 * for one; 2026-07-28 as an extension (SEP-2663), where the server decides. Neither can be said in the other's words.
 */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';
/** The key of `_meta` by which messages of 2025-11-25 say which task they belong to. */
export const RELATED_TASK = 'io.modelcontextprotocol/related-task';
/** The one legacy version that has them, and the last one. */
const SINCE = '2025-11-25';

const METHODS = {
  modern: new Set(['tasks/get', 'tasks/update', 'tasks/cancel']),
  legacy: new Set(['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel']),
} as const;

/** Is this a method of tasks, in the version that the client speaks? */
export function isTaskMethod({ method, client }: Pick<Call, 'method' | 'client'>): boolean {
  return METHODS[client.era].has(method) && (client.era === 'modern' || client.protocolVersion >= SINCE);
}

/** Has the client said that a tool call may be answered with a task? For 2025-11-25 each call says that itself. */
export function takesTasks({ era, protocolVersion, capabilities }: Client): boolean {
  if (era === 'legacy') return protocolVersion >= SINCE;
  const { extensions } = capabilities;
  return isObject(extensions) && isObject(extensions[TASKS_EXTENSION]);
}

/** What a server says of its tasks, in the words of the client's era; undefined: it has none for such a client. */
export function taskCapability(
  { era, protocolVersion }: Client,
  capabilities: JsonObject,
): JsonObject | undefined {
  if (era === 'modern') {
    const { extensions } = capabilities;
    const tasks = isObject(extensions) ? extensions[TASKS_EXTENSION] : undefined;
    return isObject(tasks) ? { extensions: { [TASKS_EXTENSION]: tasks } } : undefined;
  }
  const { tasks } = capabilities;
  return isObject(tasks) && protocolVersion >= SINCE ? { tasks } : undefined;
}
