import { isObject, type JsonObject } from '../core/json.ts';
import type { Policy } from '../core/handler.ts';
import { QUESTIONS } from '../core/questions.ts';
import { failure } from '../core/reply.ts';

/**
 * Keeps questions from clients that never said they can be asked them: a server must not rely on a capability that the
 * request did not declare, and the error says which one it would have needed (basic/index, -32021).
 */
export const onlyDeclared: Policy = (next) => async (call) => {
  const reply = await next(call);
  if (reply.kind !== 'input_required') return reply;
  const missing: JsonObject = {};
  for (const request of Object.values(reply.inputRequests)) {
    const method = isObject(request) ? request['method'] : undefined;
    const capability = typeof method === 'string' ? QUESTIONS.get(method) : undefined;
    if (capability === undefined) return failure('server_reply_invalid', 'It asks for something unknown.');
    if (!isObject(call.client.capabilities[capability])) missing[capability] = {};
  }
  const names = Object.keys(missing);
  if (names.length === 0) return reply;
  return failure('missing_capability', `It is ${names.join(', ')}.`, { requiredCapabilities: missing });
};
