import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose';
import type { Records } from '../../store/records.ts';

export type Algorithm = 'ES256' | 'RS256';

export interface KeyTimes {
  /** How long a key signs, in milliseconds. */
  readonly rotateMs: number;
  /** How long the longest token lives: so long a key stays to be checked with. */
  readonly keepMs: number;
}

/** A new key is published so long before it signs: who has fetched the old ones looks again meanwhile. */
const PUBLISH_MS = 3_600_000;
const KIND = 'SigningKey';

/** A key as it is kept. */
interface Kept {
  readonly jwk: JWK & { kid: string };
  readonly createdAt: number;
}

/**
 * The keys that tokens are signed with, the one that signs now first. Makes them where they are missing, the next one
 * when it is time, and forgets those that nothing valid is signed with any more.
 */
export async function signingKeys(
  records: Records,
  algorithm: Algorithm,
  { rotateMs, keepMs }: KeyTimes,
): Promise<{ keys: (JWK & { kid: string })[] }> {
  const now = Date.now();
  const all = read(records);
  for (const { jwk, createdAt } of all)
    if (createdAt + rotateMs + PUBLISH_MS + keepMs < now) records.delete(KIND, jwk.kid);
  const ours = all.filter(({ jwk }) => jwk.alg === algorithm);
  const newest = ours.at(0);
  if (!newest || newest.createdAt + rotateMs < now) await make(records, algorithm, now, newest);
  const kept = read(records);
  const usable = kept.filter(({ jwk }) => jwk.alg === algorithm);
  const signing = usable.find(({ createdAt }) => createdAt + PUBLISH_MS <= now) ?? usable.at(-1);
  const others = kept.filter((each) => each !== signing);
  return { keys: [...(signing ? [signing] : []), ...others].map(({ jwk }) => jwk) };
}

/** The halves of the keys that everybody may know. */
export function publicKeys(keys: readonly JWK[]): JSONWebKeySet {
  return {
    keys: keys.map(
      ({ kty, crv, x, y, n, e, kid, alg, use }) =>
        // JSON drops what this key has not.
        JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, kid, alg, use })) as JWK,
    ),
  };
}

async function make(
  records: Records,
  algorithm: Algorithm,
  now: number,
  newest: Kept | undefined,
): Promise<void> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const kid = randomBytes(9).toString('base64url');
  const jwk = { ...(await exportJWK(privateKey)), kid, alg: algorithm, use: 'sig' };
  records.transaction(() => {
    // Another process may have made one meanwhile: two at once agree on the first.
    const [latest] = read(records).filter((each) => each.jwk.alg === algorithm);
    if (latest?.jwk.kid !== newest?.jwk.kid) return;
    records.put(KIND, kid, { jwk, createdAt: now });
  });
}

/** The newest first. */
function read(records: Records): Kept[] {
  return (
    records
      .list(KIND)
      // This module alone puts them there.
      .map(({ value }) => value as unknown as Kept)
      .toSorted((a, b) => b.createdAt - a.createdAt)
  );
}
