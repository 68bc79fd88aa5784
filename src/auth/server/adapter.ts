import { hash, timingSafeEqual } from 'node:crypto';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { JsonObject } from '../../core/json.ts';
import type { Records } from '../../store/records.ts';

/** Those that belong to a grant, and end with it. */
const OF_A_GRANT = ['AccessToken', 'AuthorizationCode', 'RefreshToken'] as const;
/** A client that registered itself and was never let in by anybody is forgotten after a day. */
const UNUSED_MS = 24 * 3_600_000;
/** One that was, so long after the last grant that somebody gave it. */
const USED_MS = 90 * 24 * 3_600_000;
/** Clients that registered themselves, at most: whoever can reach us can register. */
const MOST_CLIENTS = 10_000;

/** What oidc-provider keeps, in our records: by the name of its model. */
export class RecordsAdapter implements Adapter {
  readonly #records: Records;
  readonly #model: string;
  readonly #graceMs: number;

  /** @param graceMs how long a refresh token that was used may be used again */
  constructor(records: Records, model: string, graceMs = 0) {
    this.#records = records;
    this.#model = model;
    this.#graceMs = model === 'RefreshToken' ? graceMs : 0;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number | undefined): Promise<undefined> {
    if (this.#model === 'Client') return this.#register(id, payload);
    const expiresAt = expiresIn === undefined ? undefined : Date.now() + expiresIn * 1000;
    // What comes from the library is what JSON can hold: it is made for stores of JSON.
    this.#records.put(this.#model, id, payload as JsonObject, expiresAt);
    if (this.#model === 'Session' && payload.uid !== undefined)
      this.#records.put('SessionUid', payload.uid, { id }, expiresAt);
    if (this.#model === 'Grant' && payload.clientId !== undefined) this.#keepClient(payload.clientId);
    return undefined;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const payload = this.#records.get(this.#model, id);
    if (!payload || !this.#isInGrace(payload)) return payload;
    const { consumed: _, ...unused } = payload;
    return unused;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const id = this.#records.get('SessionUid', uid)?.['id'];
    return typeof id === 'string' ? this.find(id) : undefined;
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async destroy(id: string): Promise<undefined> {
    this.#records.delete(this.#model, id);
    return undefined;
  }

  /** In one step: of two who present the same code or refresh token at once, the second is a thief's or a thief's victim. */
  async consume(id: string): Promise<undefined> {
    const lost = this.#records.transaction(() => {
      const payload = this.#records.get(this.#model, id);
      if (payload && this.#isInGrace(payload)) return undefined;
      if (!payload || payload['consumed'] !== undefined) return { grantId: payload?.['grantId'] };
      const consumed = Math.floor(Date.now() / 1000);
      this.#records.put(this.#model, id, { ...payload, consumed }, endOf(payload));
      return undefined;
    });
    if (!lost) return undefined;
    if (typeof lost.grantId === 'string') {
      revokeGrant(this.#records, lost.grantId);
    }
    throw new errors.InvalidGrant('already used');
  }

  async revokeByGrantId(grantId: string): Promise<undefined> {
    revokeTokens(this.#records, this.#model, ({ grantId: id }) => id === grantId);
    return undefined;
  }

  /** Was it used a moment ago, so that another process of the same client may just be late? */
  #isInGrace({ consumed }: JsonObject): boolean {
    return typeof consumed === 'number' && Date.now() < consumed * 1000 + this.#graceMs;
  }

  #register(id: string, payload: AdapterPayload): undefined {
    const clients = this.#records.list('Client');
    if (clients.filter(({ value }) => value['dynamic'] === true).length >= MOST_CLIENTS)
      throw new errors.InvalidRequest('too many clients are registered; try again tomorrow');
    const { client_secret: secret } = payload;
    const kept: JsonObject = {
      ...(payload as JsonObject),
      ...(typeof secret === 'string' && { client_secret: secretHash(secret) }),
      dynamic: true,
    };
    this.#records.put('Client', id, kept, Date.now() + UNUSED_MS);
    return undefined;
  }

  #keepClient(id: string): void {
    const client = this.#records.get('Client', id);
    if (client?.['dynamic'] === true) this.#records.put('Client', id, client, Date.now() + USED_MS);
  }
}

/** Ends everything that came out of one consent. */
export function revokeGrant(records: Records, grantId: string): void {
  records.transaction(() => {
    for (const model of OF_A_GRANT) revokeTokens(records, model, (token) => token['grantId'] === grantId);
    records.delete('Grant', grantId);
  });
}

/** Ends whatever a person has open: sessions, consents, tokens. */
export function revokeUser(records: Records, accountId: string): void {
  records.transaction(() => {
    for (const model of [...OF_A_GRANT, 'Grant', 'Session'])
      revokeTokens(records, model, (token) => token['accountId'] === accountId);
  });
}

/** Ends whatever a client holds, for whomever. @returns whether it held anything */
export function revokeClient(records: Records, clientId: string): boolean {
  return records.transaction(
    () =>
      [...OF_A_GRANT, 'Grant', 'ClientCredentials'].filter((model) =>
        revokeTokens(records, model, (token) => token['clientId'] === clientId),
      ).length > 0,
  );
}

/** @returns whether there were any */
function revokeTokens(records: Records, model: string, isMeant: (token: JsonObject) => boolean): boolean {
  const meant = records.list(model).filter(({ value }) => isMeant(value));
  for (const { key } of meant) records.delete(model, key);
  return meant.length > 0;
}

/** When a token ends, in milliseconds since 1970. */
function endOf({ exp }: JsonObject): number | undefined {
  return typeof exp === 'number' ? exp * 1000 : undefined;
}

/** A secret that is 256 random bits needs no salt and no slow hash. */
export function secretHash(secret: string): string {
  return `sha256:${hash('sha256', secret, 'base64url')}`;
}

export function isSecret(kept: string, given: string): boolean {
  const a = Buffer.from(kept);
  const b = Buffer.from(secretHash(given));
  return a.length === b.length && timingSafeEqual(a, b);
}
