import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { AuditEvent } from '../audit/event.ts';
import { isObject, type JsonValue } from '../core/json.ts';
import { createEngine, type Engine } from '../pii/engine.ts';
import { rewriteTexts } from '../pii/json.ts';
import { type Action, Operators, replaceEntities } from '../pii/operators.ts';
import { openKeyFile } from '../pii/vault/key-file.ts';
import { MemoryTokenStore } from '../pii/vault/tokens.ts';
import { type AccessLogger, fileLogger } from './access-logger.ts';

/** What a tool of the official SDK is: arguments in, a result with `content` out. */
export type ToolHandler<Args extends object, Extra, Result extends object> = (
  args: Args,
  extra: Extra,
) => Result | Promise<Result>;

export interface SecureToolOptions<Extra> {
  /** Stands in the log. */
  readonly name: string;
  /**
   * What is done with personal data in the result: `encrypt` (and arguments are decrypted for the handler), `mask`, or
   * `reject`, which also refuses arguments that have some.
   */
  readonly piiPolicy: 'encrypt' | 'mask' | 'reject';
  /** Refuses arguments with personal data that is not encrypted. Only with `encrypt`. */
  readonly requiresEncryption?: boolean;
  /** Records each call: true for a chained log in `./audit/audit.jsonl`, or a logger of one's own. */
  readonly logAccess?: boolean | AccessLogger;
  /** The keys; made when they are missing. Default: `./pii-keys.json`. For its owner only. */
  readonly keyFile?: string;
  /** Whose values these are: what was encrypted for one does not open for another. Default: one for all. */
  readonly user?: (extra: Extra) => string;
  readonly engine?: Engine;
}

/** A result that says what is wrong, so that a model can do better. A type, since the SDK's results may have more members. */
// An interface would not fit.
type Refusal = { content: { type: 'text'; text: string }[]; isError: true };

/**
 * Wraps a tool handler: scan, apply, record, run. A tool that fails to be scanned, to be recorded or to be decrypted does
 * not run, and a result that fails to be scanned does not leave.
 */
export function secureTool<Args extends object, Extra, Result extends object>(
  handler: ToolHandler<Args, Extra, Result>,
  options: SecureToolOptions<Extra>,
): ToolHandler<Args, Extra, Result | Refusal> {
  const { name, piiPolicy, requiresEncryption = false, user = () => 'all' } = options;
  if (requiresEncryption && piiPolicy !== 'encrypt')
    throw new TypeError(`${name}: requiresEncryption needs piiPolicy "encrypt".`);
  const guard = new ToolGuard(
    options.engine ?? createEngine(),
    piiPolicy,
    options.keyFile ?? 'pii-keys.json',
  );
  let logger: Promise<AccessLogger> | undefined;
  const openLogger = (): Promise<AccessLogger> | undefined => {
    const { logAccess = false } = options;
    if (typeof logAccess === 'object') return Promise.resolve(logAccess);
    return logAccess ? (logger ??= fileLogger(resolve('audit', 'audit.jsonl'))) : undefined;
  };

  return async (args, extra) => {
    const tenant = user(extra);
    const found = new Map<string, number>();
    const started = performance.now();
    const record = async (outcome: AuditEvent['outcome'], action: string): Promise<boolean> => {
      const log = await openLogger();
      if (!log) return true;
      return log.record({
        event_type: 'tool_call',
        id: randomUUID(),
        user_id: tenant,
        method: 'tools/call',
        tool_name: name,
        parameter_count: Object.keys(args).length,
        outcome,
        action_taken: action,
        contains_pii: found.size > 0,
        ...(found.size > 0 && { pii: Object.fromEntries(found) }),
        duration_ms: Math.round((performance.now() - started) * 10) / 10,
      });
    };

    const plain = asJson(args);
    const isRefused = piiPolicy === 'reject' || requiresEncryption;
    if (isRefused && guard.find(plain, found)) {
      await record('denied', 'rejected');
      const how = requiresEncryption ? 'Send it encrypted, as it was given out.' : 'Leave it out.';
      return refusal(`The arguments hold personal data (${[...found.keys()].join(', ')}). ${how}`);
    }
    const opened = piiPolicy === 'encrypt' ? guard.open(plain, tenant) : plain;
    // What cannot be recorded is not done.
    if (!(await record('ok', 'forwarded')))
      return refusal('This call cannot be recorded, so it was not made.');
    // A rewritten copy has the shape that the schema was checked for: texts stay texts.
    const result = await handler(opened as Args, extra);
    const before = asJson(result);
    if (piiPolicy === 'reject') {
      if (!guard.find(before, found)) return result;
      await record('denied', 'rejected');
      return refusal(
        `The result holds personal data (${[...found.keys()].join(', ')}) and is not given out.`,
      );
    }
    const after = guard.hide(before, tenant, found);
    if (after === before) return result;
    await record('ok', piiPolicy === 'mask' ? 'masked' : 'encrypted');
    return after as Result;
  };
}

/** Finds, hides and opens personal data in the messages of a tool. */
class ToolGuard {
  readonly #engine: Engine;
  readonly #action: Action;
  readonly #operators: Operators;

  constructor(engine: Engine, action: Action, keyFile: string) {
    this.#engine = engine;
    this.#action = action;
    let ring: ReturnType<typeof openKeyFile> | undefined;
    this.#operators = new Operators(() => (ring ??= openKeyFile(keyFile)), new MemoryTokenStore(0, 0));
  }

  /** Counts what is found. @returns whether there is anything */
  find(value: JsonValue, found: Map<string, number>): boolean {
    rewriteTexts(value, (text, key) => {
      for (const { type } of this.#engine.scan(text, key)) count(found, type);
      return text;
    });
    return found.size > 0;
  }

  hide(value: JsonValue, tenant: string, found: Map<string, number>): JsonValue {
    const treatment = { action: this.#action, keep: 0, binding: bindingOf(tenant) };
    return rewriteTexts(value, (text, key) =>
      replaceEntities(text, this.#engine.scan(text, key), ({ type }, part) => {
        count(found, type);
        return this.#operators.replacement(type, part, treatment);
      }),
    );
  }

  open(value: JsonValue, tenant: string): JsonValue {
    return rewriteTexts(value, (text) =>
      text.includes('⟦') ? this.#operators.restore(text, [bindingOf(tenant)], () => {}) : text,
    );
  }
}

function bindingOf(tenant: string) {
  return { tenant, policy: 'toolkit' };
}

function count(found: Map<string, number>, type: string): void {
  found.set(type, (found.get(type) ?? 0) + 1);
}

/** What goes over the wire is JSON, whatever the handler made it of. */
function asJson(value: object): JsonValue {
  const json: unknown = JSON.parse(JSON.stringify(value));
  return isObject(json) || Array.isArray(json) ? json : {};
}

function refusal(text: string): Refusal {
  return { content: [{ type: 'text', text }], isError: true };
}
