import type { GuardConfig } from '../config/guard.ts';
import type { Handler, Policy } from '../core/handler.ts';
import { failure } from '../core/reply.ts';
import type { Records } from '../store/records.ts';
import type { Logger } from '../telemetry/log.ts';
import type { GuardParts } from './guard.ts';
import { StoredTokens } from './guard-tokens.ts';

/**
 * The guard of a configuration, one policy for each server. The engine and its tables are loaded now, since somebody
 * wants them; until they are there, calls wait.
 */
export interface OpenGuard {
  readonly policyFor: (server: string) => Policy;
  /** Resolves when the guard can work. @throws what keeps it from it, such as a key file that others may read */
  readonly ready: Promise<void>;
}

/** @param records the store of the home, where tokens outlive the gateway; without one they end with it */
export function openGuard(config: GuardConfig, log: Logger, records?: OpenRecords): OpenGuard {
  const loading = load(config, log, records);
  const ready = loading.then(() => {});
  // Whoever starts the gateway waits for it. Without that, every call is refused, with this line in the log.
  ready.catch((error: unknown) => {
    log.error({ problem: error instanceof Error ? error.message : 'failure' }, 'the guard cannot work');
  });
  return {
    ready,
    policyFor: (server) => (next) => {
      let handle: Handler | undefined;
      const guarded = loading.then(
        ({ Guard, parts }) => (handle = new Guard(server, parts).policy(next)),
        // However lenient about single messages: a guard that never worked lets nothing pass.
        () => (handle = refuse),
      );
      return (call) => (handle ? handle(call) : guarded.then((loaded) => loaded(call)));
    },
  };
}

const refuse: Handler = () =>
  Promise.resolve(failure('guard_failed', 'The guard did not start; the log says why.'));

type OpenRecords = () => Promise<Records | undefined>;

async function load(config: GuardConfig, log: Logger, records: OpenRecords | undefined) {
  const [{ Guard }, { createEngine }, { Operators }, { openKeyFile }, { MemoryTokenStore }] =
    await Promise.all([
      import('./guard.ts'),
      import('../pii/engine.ts'),
      import('../pii/operators.ts'),
      import('../pii/vault/key-file.ts'),
      import('../pii/vault/tokens.ts'),
    ]);
  const hasTokens = config.policies.some(({ action }) => action === 'tokenize');
  const needsKeys =
    config.restore.length > 0 ||
    config.policies.some(({ action }) => action === 'hash' || action === 'encrypt' || action === 'tokenize');
  // Opened now, so that what is wrong with it is known before the first call.
  let ring = needsKeys ? openKeyFile(config.keyFile) : undefined;
  const stored = hasTokens ? await records?.() : undefined;
  const tokens = stored
    ? new StoredTokens(stored, config.tokenTtl, (error) =>
        log.error({ problem: error instanceof Error ? error.message : 'failure' }, 'tokens were not stored'),
      )
    : new MemoryTokenStore(config.tokenTtl);
  const parts: GuardParts = {
    config,
    engine: createEngine({ threshold: config.threshold, extras: await extrasOf(config) }),
    operators: new Operators(() => (ring ??= openKeyFile(config.keyFile)), tokens),
    names: await namesOf(config),
    warn: (detail) => log.warn(detail, 'not searched for personal data'),
  };
  return { Guard, parts };
}

async function extrasOf({ patterns }: GuardConfig) {
  if (patterns === undefined) return [];
  const { readPatterns } = await import('../pii/patterns.ts');
  return [await readPatterns(patterns)];
}

async function namesOf({ ner }: GuardConfig) {
  if (!ner) return undefined;
  const { openModel, namesIn } = await import('../pii/ner.ts');
  const model = await openModel(ner.model);
  return namesIn(model, ner.threshold);
}
