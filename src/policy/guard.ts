import type { GuardConfig } from '../config/guard.ts';
import { Body } from '../core/body.ts';
import type { Answer, Answers, Call } from '../core/call.ts';
import type { Handler, Policy } from '../core/handler.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import type { Engine } from '../pii/engine.ts';
import { rewriteTexts } from '../pii/json.ts';
import type { Operators } from '../pii/operators.ts';
import { type Names, NotScanned, Pass, Rejected } from './guard-pass.ts';
import { type Direction, type Rules, rulesFor } from './guard-rules.ts';

/** What the guards of all servers share. */
export interface GuardParts {
  readonly config: GuardConfig;
  readonly engine: Engine;
  readonly operators: Operators;
  /** Finds names that have no label, in all texts of a value. */
  readonly names?: ((value: JsonValue) => Promise<Names>) | undefined;
  /** Tells of what could not be scanned. Never what it was. */
  readonly warn: (detail: {
    readonly server: string;
    readonly call: string;
    readonly problem: string;
  }) => void;
}

/** By the tool or prompt that is called; undefined where nothing is to be done. */
type KnownRules = Map<string | undefined, Rules | undefined>;

/** What carries people's texts. The lists of what a server has are its maker's words. */
const GUARDED: ReadonlySet<string> = new Set([
  'tools/call',
  'prompts/get',
  'resources/read',
  'completion/complete',
  // The result of a tool may come later, as that of its task.
  'tasks/get',
  'tasks/update',
  'tasks/result',
]);
/** Parameters that say where the call goes: the names of tools and tasks are the server's. */
const ADDRESSES: ReadonlySet<string> = new Set(['name', 'taskId']);
/** Who has this scope may send values on to any server. */
const DECRYPT = 'pii.decrypt';
/** UTF-8 of a Korean text has so many bytes for each of its units. */
const BYTES_PER_UNIT = 3;
const KNOWN_TARGETS = 1000;

/**
 * Scans what passes between callers and one server, and does with the finds what the policies say: arguments, answers to
 * questions, results, errors, questions, progress and log messages. What cannot be scanned is refused, unless the config
 * says otherwise: a guard that lets through what it did not look at is none.
 */
export class Guard {
  readonly #server: string;
  readonly #parts: GuardParts;
  /** Is this server to see values as they were? */
  readonly #isTrusted: boolean;
  readonly #argumentRules: KnownRules = new Map();
  readonly #resultRules: KnownRules = new Map();

  constructor(server: string, parts: GuardParts) {
    this.#server = server;
    this.#parts = parts;
    this.#isTrusted = parts.config.restore.includes(server);
  }

  readonly policy: Policy = (next) => (call) =>
    GUARDED.has(call.method) ? this.#around(call, next) : next(call);

  #around(call: Call, next: Handler): Promise<Reply> {
    call.trail.server = this.#server;
    return this.#parts.names ? this.#aroundWithNames(call, next) : this.#aroundAtOnce(call, next);
  }

  /** Where nothing has to be waited for but the server. */
  #aroundAtOnce(call: Call, next: Handler): Promise<Reply> {
    const sent = this.#sent(call, undefined);
    if ('kind' in sent) return Promise.resolve(sent);
    return next(this.#listening(sent, call)).then((reply) => this.#told(call, reply, undefined));
  }

  /** Where a model looks for names first. */
  async #aroundWithNames(call: Call, next: Handler): Promise<Reply> {
    const sent = this.#sent(call, await this.#named(call.params, ...answersOf(call)));
    if ('kind' in sent) return sent;
    const reply = await next(this.#listening(sent, call));
    return this.#told(call, reply, await this.#named(this.#textsOf(reply)));
  }

  /** What the server says while it works goes through the guard as well. */
  #listening(sent: Call, call: Call): Call {
    return {
      ...sent,
      notify: (notification) => {
        const params = this.#atOnce(call, notification.params);
        if (params) call.notify({ ...notification, params });
      },
    };
  }

  /** The call as the server gets it, or why it gets none. */
  #sent(call: Call, names: Names | undefined): Call | Reply {
    try {
      return this.#inward(call, names);
    } catch (error) {
      return this.#insteadOf(call, call, error);
    }
  }

  /** The reply as the caller gets it, or why there is none. */
  #told(call: Call, reply: Reply, names: Names | undefined): Reply {
    try {
      return this.#outward(call, reply, names);
    } catch (error) {
      return this.#insteadOf(reply, call, error);
    }
  }

  /** What goes on where the work failed, as `onError` says: a refusal, or what there was before. */
  #insteadOf<T extends Call | Reply>(before: T, call: Call, error: unknown): T | Reply {
    if (error instanceof Rejected) return refusal(call, error);
    const problem = error instanceof NotScanned ? error.message : 'a failure of the scanner';
    const { config, warn } = this.#parts;
    warn({ server: this.#server, call: call.id, problem });
    call.trail.did(config.onError === 'allow' ? 'not_scanned' : 'guard_failed');
    return config.onError === 'allow' ? before : failure('guard_failed', `It is ${problem}.`);
  }

  /** What a model finds in texts, which takes its time. Where it fails, whoever asks for its finds fails. */
  async #named(...values: readonly JsonValue[]): Promise<Names> {
    const { names, config } = this.#parts;
    try {
      return names ? await inTime(names([...values]), config.timeout) : () => [];
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }

  /** What there is to read in a reply. */
  #textsOf(reply: Reply): JsonValue {
    switch (reply.kind) {
      case 'result':
        return this.#isTooLarge(reply.body) ? null : (reply.body.tryParse() ?? null);
      case 'input_required':
        return reply.inputRequests;
      default:
        return [reply.error.message, reply.error.data ?? null];
    }
  }

  #isTooLarge(body: Body): boolean {
    return body.size > this.#parts.config.size * BYTES_PER_UNIT;
  }

  #inward(call: Call, names: Names | undefined): Call {
    const pass = this.#pass(call, 'arguments', names);
    if (!pass) return this.#restored(call);
    const params = pass.over(call.params, ADDRESSES);
    const answers = call.answers && scanAnswers(call.answers, pass);
    const isSame = params === call.params && answers === undefined;
    return this.#restored(isSame ? call : { ...call, params, answers });
  }

  /** Puts values back for a server that is to see them, or for a person who may. */
  #restored(call: Call): Call {
    const { config, operators } = this.#parts;
    if (!this.#isTrusted && !call.principal.scopes?.includes(DECRYPT)) return call;
    const tenant = this.#tenantOf(call);
    const policies = new Set(['default', ...config.policies.map((policy) => policy.name)]);
    const bindings = [...policies].map((policy) => ({ tenant, policy }));
    let count = 0;
    const restore = (text: string): string => operators.restore(text, bindings, () => (count += 1));
    const open = rewriteTexts(call.params, restore, ADDRESSES);
    call.trail.restored += count;
    return count === 0 ? call : { ...call, params: open };
  }

  #outward(call: Call, reply: Reply, names: Names | undefined): Reply {
    const pass = this.#pass(call, 'results', names);
    if (!pass) return reply;
    switch (reply.kind) {
      case 'result': {
        if (this.#isTooLarge(reply.body)) throw new NotScanned('too large');
        const before = reply.body.tryParse();
        if (!before) throw new NotScanned('no JSON');
        const after = withTaskOf(call, reply.resultType, before, pass.over(before));
        // Where nothing was found, the server's bytes go on as they are.
        return after === before ? reply : { ...reply, body: Body.value(after) };
      }
      case 'input_required':
        return { ...reply, inputRequests: pass.over(reply.inputRequests) };
      case 'failure': {
        const { message, data } = reply.error;
        const seen = pass.over({ texts: [message, data ?? null] });
        const [text, details] = Array.isArray(seen['texts']) ? seen['texts'] : [];
        const error = { ...reply.error, message: typeof text === 'string' ? text : '' };
        return { ...reply, error: data === undefined ? error : { ...error, data: details } };
      }
      default:
        return reply satisfies never;
    }
  }

  /** For what nobody waits for. What may not pass is left out. */
  #atOnce(call: Call, params: JsonObject): JsonObject | undefined {
    try {
      return this.#pass(call, 'results', undefined)?.over(params) ?? params;
    } catch {
      return this.#parts.config.onError === 'allow' ? params : undefined;
    }
  }

  /** What a message of this call goes through in one direction; undefined: nothing. */
  #pass(call: Call, direction: Direction, names: Names | undefined): Pass | undefined {
    const rules = this.#rulesFor(nameOf(call), direction);
    return rules && new Pass(this.#parts, rules, this.#tenantOf(call), call.trail, names);
  }

  /** Tools are called again and again, under few names; what else callers make up is not kept. */
  #rulesFor(target: string | undefined, direction: Direction): Rules | undefined {
    const known = direction === 'arguments' ? this.#argumentRules : this.#resultRules;
    const before = known.get(target);
    if (before !== undefined || known.has(target)) return before;
    const rules = rulesFor(this.#parts.config.policies, this.#server, target, direction);
    if (known.size < KNOWN_TARGETS) known.set(target, rules);
    return rules;
  }

  #tenantOf({ principal }: Call): string {
    return this.#parts.config.tenant === 'user' ? principal.id : 'gateway';
  }
}

function answersOf({ answers }: Call): JsonObject[] {
  return [...(answers?.responses.values() ?? [])].flatMap((answer) =>
    'result' in answer ? [answer.result] : [],
  );
}

function scanAnswers(answers: Answers, pass: Pass): Answers {
  const responses = new Map<string, Answer>();
  for (const [key, answer] of answers.responses)
    responses.set(key, 'result' in answer ? { result: pass.over(answer.result) } : answer);
  return { ...answers, responses };
}

/** Tools tell a model what it may do better; everything else has errors only. Never the value. */
function refusal(call: Call, { entity, policy }: Rejected): Reply {
  const refused = failure('pii_rejected', `It is ${entity}, by the policy ${policy}.`, { entity, policy });
  if (call.method !== 'tools/call') return refused;
  return result({ content: [{ type: 'text', text: refused.error.message }], isError: true });
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NotScanned('too slow')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A new task under the id that the server gave it, which the caller never gets to see. Digits in it may look like
 * anything, and then nobody would find the task again.
 */
function withTaskOf(call: Call, kind: string | undefined, before: JsonObject, after: JsonObject): JsonObject {
  if (after === before || call.method !== 'tools/call') return after;
  if (kind === 'task') return { ...after, taskId: before['taskId'] ?? null };
  const [made, scanned] = [before['task'], after['task']];
  if (call.params['task'] === undefined || !isObject(made) || !isObject(scanned)) return after;
  return { ...after, task: { ...scanned, taskId: made['taskId'] ?? null } };
}

/** The tool, also that of a task, or the prompt. */
function nameOf({ params, tool }: Call): string | undefined {
  if (tool !== undefined) return tool;
  return typeof params['name'] === 'string' ? params['name'] : undefined;
}
