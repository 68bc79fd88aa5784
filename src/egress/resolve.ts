import { EgressError, quoted } from './error.ts';
import { type Host, parseHost } from './host.ts';
import type { EgressPolicy } from './policy.ts';

/** A host and the addresses it was found at, every one of which the policy allows. Only `resolve` makes one. */
class CheckedHost {
  readonly host: Host;
  // A private field: no other object passes for a checked host, so nothing unchecked can be connected to.
  readonly #addresses: readonly [string, ...string[]];

  constructor(host: Host, addresses: readonly [string, ...string[]]) {
    this.host = host;
    this.#addresses = addresses;
  }

  /** In the order in which to try them. */
  get addresses(): readonly [string, ...string[]] {
    return this.#addresses;
  }
}

export type { CheckedHost };

/**
 * Looks a host up, once, and checks every address it has. What is connected to afterwards are these addresses, so a
 * name that changes its mind (DNS rebinding) changes nothing. One forbidden address among many refuses them all: an
 * attacker's name may well have a public one too.
 * @throws {EgressError} `invalid_host`, `lookup_failed` or `forbidden_address`; the signal's reason when it aborts
 */
export async function resolve(
  text: string,
  policy: EgressPolicy,
  signal?: AbortSignal,
): Promise<CheckedHost> {
  const host = parseHost(text);
  signal?.throwIfAborted();
  const found = host.address === undefined ? await lookUp(host, policy, signal) : [host.address];
  const [first, ...rest] = new Set(found);
  if (first === undefined) throw lookupFailed(host, 'it has no address');
  for (const address of [first, ...rest]) policy.check(host, address);
  return new CheckedHost(host, [first, ...rest]);
}

async function lookUp(host: Host, policy: EgressPolicy, signal?: AbortSignal): Promise<readonly string[]> {
  const limit = AbortSignal.timeout(policy.lookupTimeoutMs);
  const ended = AbortSignal.any(signal ? [limit, signal] : [limit]);
  // The system's look-up cannot be called off: it is left behind, and its answer is not heard.
  const stop = new Promise<never>((_resolve, reject) => {
    ended.addEventListener('abort', () => {
      reject(
        signal?.aborted ? signal.reason : lookupFailed(host, `no answer within ${policy.lookupTimeoutMs} ms`),
      );
    });
  });
  const lookup = policy.lookup(host.name).catch((error: unknown) => {
    throw lookupFailed(host, reasonOf(error), error);
  });
  return Promise.race([lookup, stop]);
}

function lookupFailed(host: Host, why: string, cause?: unknown): EgressError {
  return new EgressError(
    'lookup_failed',
    `${quoted(host.name)} could not be looked up: ${why}. Check the spelling, and DNS on this machine.`,
    { cause },
  );
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOTFOUND' || code === 'ENODATA') return 'there is no such name';
  return `DNS did not answer (${typeof code === 'string' ? code : 'unknown error'})`;
}
