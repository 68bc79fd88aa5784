import type { AuditEvent, Outcome } from '../audit/event.ts';
import { type Call, targetOf } from '../core/call.ts';
import type { Policy } from '../core/handler.ts';
import { isObject, type JsonValue } from '../core/json.ts';
import { failure, type Reply } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';
import { outcomeOf, reasonOf } from './outcome.ts';

/** Where records go. */
export interface Recorder {
  /** Is a call to be refused that cannot be recorded? */
  readonly required: boolean;
  /** Could the last event be written? */
  readonly works: boolean;
  write(event: AuditEvent): void;
  /** Resolves when it is written, to false when it could not be. */
  record(event: AuditEvent): Promise<boolean>;
}

/**
 * Records every call: who, what, how it went, and what was found in it; never what was in it. It stands outside of
 * everything that refuses, so that refusals are recorded too.
 */
export function recordCalls(recorder: Recorder): Policy {
  const eventFor = (call: Call, started: number, reply: Reply): AuditEvent => {
    const event = eventOf(call, reply, performance.now() - started);
    if (call.trail.restored > 0) recorder.write(restored(event, call.trail.restored));
    return event;
  };
  if (!recorder.required)
    return (next) => (call) => {
      const started = performance.now();
      return next(call).then((reply) => {
        recorder.write(eventFor(call, started, reply));
        return reply;
      });
    };
  return (next) => async (call) => {
    // Found out before the server does anything that could then not be recorded.
    if (!recorder.works && !(await recorder.record(probe(call)))) return failure('audit_unavailable');
    const started = performance.now();
    const reply = await next(call);
    const isRecorded = await recorder.record(eventFor(call, started, reply));
    return isRecorded ? reply : failure('audit_unavailable');
  };
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'tool_call'],
  ['prompts/get', 'prompt_get'],
  ['resources/read', 'resource_read'],
  ['completion/complete', 'completion'],
  ['server/discover', 'discover'],
  ['subscriptions/listen', 'listen'],
]);

function eventOf(call: Call, reply: Reply, ms: number): AuditEvent {
  const { trail } = call;
  const event = about(call);
  event.event_type = TYPES.get(call.method) ?? (call.method.endsWith('/list') ? 'list' : 'call');
  event.outcome = outcomeOf(reply, trail);
  event.action_taken = actionOf(trail, event.outcome);
  event.policy = policyOf(trail, reply);
  event.contains_pii = trail.pii.size > 0;
  if (event.contains_pii) event.pii = Object.fromEntries(trail.pii);
  event.duration_ms = Math.round(ms * 10) / 10;
  return event;
}

/** What is known of a call before it was made, and room for the rest: this is made for every call. */
function about(call: Call): { -readonly [member in keyof AuditEvent]: AuditEvent[member] } {
  const { id, principal, address, scope, method, trail } = call;
  return {
    event_type: '',
    id,
    user_id: principal.user ?? principal.id,
    client_id: principal.clientId,
    ip: address,
    server: trail.server ?? scope,
    // Whatever a client calls a method or a tool, there is no room for a letter to the reader of the log.
    method: shortened(method),
    tool_name: nameOf(call),
    parameter_count: countOf(call),
    outcome: 'ok',
    action_taken: '',
    policy: undefined,
    contains_pii: false,
    pii: undefined,
    duration_ms: undefined,
  };
}

/** The tool or prompt. Not a resource's URI, which may hold whatever its server puts into one. */
function nameOf(call: Call): string | undefined {
  return call.method === 'tools/call' || call.method === 'prompts/get'
    ? shortened(targetOf(call) ?? '')
    : undefined;
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function countOf({ params }: Call): number {
  const given: JsonValue | undefined = params['arguments'];
  return isObject(given) ? Object.keys(given).length : 0;
}

/** The strictest thing that was done. */
const STRICTEST = [
  'reject',
  'guard_failed',
  'redact',
  'encrypt',
  'tokenize',
  'hash',
  'mask',
  'not_scanned',
] as const;
const DONE: ReadonlyMap<string, string> = new Map([
  ['reject', 'rejected'],
  ['redact', 'redacted'],
  ['encrypt', 'encrypted'],
  ['tokenize', 'tokenized'],
  ['hash', 'hashed'],
  ['mask', 'masked'],
]);

function actionOf({ actions }: Trail, outcome: Outcome): string {
  const strictest = actions.size === 0 ? undefined : STRICTEST.find((action) => actions.has(action));
  if (strictest !== undefined) return DONE.get(strictest) ?? strictest;
  return outcome === 'denied' ? 'denied' : 'forwarded';
}

function policyOf({ policies }: Trail, reply: Reply): string | undefined {
  if (policies.size > 0) return [...policies].join(',');
  return reply.kind === 'failure' ? reasonOf(reply.error) : undefined;
}

function restored(event: AuditEvent, values: number): AuditEvent {
  const { pii: _, ...call } = event;
  return {
    ...call,
    event_type: 'restore',
    action_taken: 'restored',
    contains_pii: true,
    parameter_count: values,
  };
}

/** Whether there is room again is best found out with a record that is worth its place. */
function probe(call: Call): AuditEvent {
  return { ...about(call), event_type: 'audit_retry', outcome: 'error', action_taken: 'retried' };
}
