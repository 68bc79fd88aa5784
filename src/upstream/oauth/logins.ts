import { createHash } from 'node:crypto';
import type { StoredOAuthClientInformation, StoredOAuthTokens } from '@modelcontextprotocol/client';
import { isObject } from '../../core/json.ts';
import { withLock } from '../../store/lock.ts';
import { Vault } from '../../store/vault.ts';

/** Tokens, and when the access token ends (milliseconds since 1970; undefined: nobody said). */
export type Tokens = StoredOAuthTokens & { readonly expiresAt?: number };

/** What one authorization server gave us for one MCP server. */
export interface Grant {
  readonly client?: StoredOAuthClientInformation;
  readonly tokens?: Tokens;
}

/** What is known of the login at one MCP server. */
export interface Login {
  /** The authorization server in use. */
  issuer: string | undefined;
  /**
   * By issuer: what one authorization server gave is never shown to another one.
   *
   * > clients MUST maintain separate registration state (client credentials and tokens) per authorization server
   * > (basic/authorization)
   */
  readonly grants: Map<string, Grant>;
  /** The scopes that were asked for so far, and those that turned out to be wanted. */
  scope: string | undefined;
}

/** The logins at MCP servers, kept in the home; shared by every process that uses the home. */
export class Logins {
  readonly #vault: Vault;

  /** @param folder made when it is first needed */
  constructor(folder: string) {
    this.#vault = new Vault(folder, 'Remove it and log in again.');
  }

  /** @throws {VaultError} when what is kept cannot be used */
  async read(serverUrl: string): Promise<Login> {
    return loginOf(await this.#vault.read(nameOf(serverUrl)));
  }

  /**
   * Changes a login while no other process does: reads it, lets it be changed, keeps it. Nothing is kept when the change
   * throws, but for what it kept itself.
   */
  async change<T>(
    serverUrl: string,
    change: (login: Login, keep: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const name = nameOf(serverUrl);
    await this.#vault.make();
    return withLock(`${this.#vault.path(name)}.lock`, async () => {
      const login = loginOf(await this.#vault.read(name));
      const keep = (): Promise<void> =>
        this.#vault.write(name, {
          ...login,
          grants: [...login.grants].map(([issuer, grant]) => ({ issuer, ...grant })),
        });
      const result = await change(login, keep);
      await keep();
      return result;
    });
  }

  /** @returns false where there was none */
  async forget(serverUrl: string): Promise<boolean> {
    const name = nameOf(serverUrl);
    // One that cannot be read is one, too.
    const was = await this.#vault.read(name).then(
      (login) => login !== undefined,
      () => true,
    );
    await this.#vault.remove(name);
    return was;
  }
}

/** The tokens in use. */
export function tokensOf({ issuer, grants }: Login): Tokens | undefined {
  return issuer === undefined ? undefined : grants.get(issuer)?.tokens;
}

/** A file name that tells nothing of the server. */
function nameOf(serverUrl: string): string {
  const { origin, pathname, search } = new URL(serverUrl);
  return createHash('sha256').update(`${origin}${pathname}${search}`).digest('hex').slice(0, 32);
}

/** Out of the vault comes only what this class has put in; nothing of it was anybody else's to write. */
function loginOf(kept: unknown): Login {
  if (!isObject(kept)) return { issuer: undefined, grants: new Map(), scope: undefined };
  const { issuer, grants, scope } = kept as unknown as Login & {
    grants: readonly (Grant & { issuer: string })[];
  };
  return {
    issuer,
    scope,
    grants: new Map(grants.map(({ issuer: by, ...grant }): [string, Grant] => [by, grant])),
  };
}
