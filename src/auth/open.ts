import { AddressBlocks } from '../config/address-block.ts';
import type { AuthConfig } from '../config/auth.ts';
import { doorRatesOf } from '../config/rates.ts';
import type { Config } from '../config/schema.ts';
import type { Records } from '../store/records.ts';
import type { Logger } from '../telemetry/log.ts';
import { basicCheck } from './basic.ts';
import { Entrance } from './entrance.ts';
import { Gate } from './gate.ts';
import type { Issuer } from './jwt.ts';
import { ownToken } from './token.ts';
import { TokenStore } from './token-store.ts';
import type { Check } from './verdict.ts';

export interface Ways {
  readonly config: Config;
  /** The token that this gateway made for itself; undefined: nobody has to prove anything. */
  readonly token: string | undefined;
  /** The store, as soon as there is one. */
  readonly records?: (() => Promise<Records | undefined>) | undefined;
  /** Issuers besides those of the configuration, such as the authorization server within. */
  readonly issuers?: readonly Issuer[] | undefined;
  /** Grows when one of those may have revoked something. */
  readonly version?: (() => number) | undefined;
  readonly log: Logger;
}

/** The door, and what has to be written down before the end. */
export interface OpenEntrance {
  readonly entrance: Entrance;
  readonly close: () => void;
}

/** The door as the configuration has it. */
export async function openEntrance(ways: Ways): Promise<OpenEntrance> {
  const { config, token, log } = ways;
  const { auth, publicUrl } = config;
  const stored = new StoredTokens(ways.records);
  const gate = token === undefined ? undefined : await gateOf(ways, token, stored);
  const issuers = issuersOf(ways);
  const entrance = new Entrance({
    gate,
    only: auth && auth.ipAllow.length > 0 ? new AddressBlocks(auth.ipAllow) : undefined,
    basic: Object.keys(auth?.basic ?? {}).length > 0,
    rates: doorRatesOf(config),
    protected: gate && issuers.length > 0 ? { issuers, scopes: scopesOf(ways) } : undefined,
    publicUrl,
    log,
  });
  return { entrance, close: stored.close };
}

/** Whom clients are sent to: the authorization server within comes first. */
function issuersOf({ config: { auth }, issuers = [] }: Ways): string[] {
  const asked = auth?.introspection ? [auth.introspection.issuer] : [];
  return [...new Set([...issuers, ...(auth?.issuers ?? [])].map(({ issuer }) => issuer).concat(asked))];
}

/** What every token has to be for, whoever issues it. */
function scopesOf({ config: { auth }, issuers = [] }: Ways): string[] {
  const all = [...issuers, ...(auth?.issuers ?? []), ...(auth?.introspection ? [auth.introspection] : [])];
  return [...new Set(all.flatMap(({ scopes }) => scopes))];
}

/** Every way to prove who one is, in the order in which they are tried. What is not configured is not loaded. */
async function gateOf(
  { config: { auth }, issuers = [], version }: Ways,
  token: string,
  stored: StoredTokens,
): Promise<Gate> {
  const checks: Check[] = auth?.tokens === false ? [] : [ownToken(token), stored.check];
  const all = [...issuers, ...(auth && auth.issuers.length > 0 ? await external(auth) : [])];
  if (all.length > 0) checks.push((await import('./jwt.ts')).jwtCheck(all));
  if (auth?.introspection)
    checks.push((await import('./introspection.ts')).introspectionCheck(auth.introspection));
  const users = auth?.basic ?? {};
  const basic = Object.keys(users).length > 0 ? basicCheck(users) : undefined;
  return new Gate({ checks, basic, version: () => stored.version() + (version?.() ?? 0) });
}

async function external({ issuers }: AuthConfig): Promise<Issuer[]> {
  const { externalIssuer } = await import('./issuers.ts');
  return issuers.map(externalIssuer);
}

/** The tokens of the store, which is opened when the first of them is presented. */
class StoredTokens {
  readonly #find: Ways['records'];
  #records: Records | undefined;
  #tokens: TokenStore | undefined;

  constructor(find: Ways['records']) {
    this.#find = find;
  }

  readonly check: Check = async (token) => {
    if (!token.startsWith('sp_')) return undefined;
    this.#records ??= await this.#find?.();
    this.#tokens ??= this.#records && new TokenStore(this.#records);
    return this.#tokens?.check(token);
  };

  readonly version = (): number => this.#records?.version() ?? 0;

  readonly close = (): void => this.#tokens?.flush();
}
