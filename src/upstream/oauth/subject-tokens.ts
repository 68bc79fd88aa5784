import type { Principal } from '../../core/principal.ts';

/** Callers whose tokens are remembered at most. */
const REMEMBERED = 10_000;

/**
 * The tokens that callers came with last, where the configuration has them exchanged for others: in memory, and for
 * nothing else. No server ever gets one.
 */
export class SubjectTokens {
  readonly #tokens = new Map<string, string>();

  /**
   * @param authorization the header of the request that let this caller in
   */
  keep({ id, via }: Principal, authorization: string | undefined): void {
    // What this gateway made itself means nothing to any authorization server.
    if (authorization === undefined || (via !== 'jwt' && via !== 'introspection')) return;
    const [, token] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
    if (token === undefined || this.#tokens.get(id) === token) return;
    this.#tokens.delete(id);
    if (this.#tokens.size >= REMEMBERED) {
      const [oldest = ''] = this.#tokens.keys();
      this.#tokens.delete(oldest);
    }
    this.#tokens.set(id, token);
  }

  of(principal: string): string | undefined {
    return this.#tokens.get(principal);
  }
}
