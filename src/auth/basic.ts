import { hash, timingSafeEqual } from 'node:crypto';
import { type Refused, refused, type Verified } from './verdict.ts';

/** A name and a password. */
export interface BasicCredentials {
  readonly name: string;
  readonly password: string;
}

export type BasicCheck = (credentials: BasicCredentials) => Verified | Refused;

/** The credentials of `Authorization: Basic …` (RFC 7617), or undefined for another scheme. */
export function basicCredentials(authorization: string): BasicCredentials | undefined {
  if (authorization.length > 8192 || authorization.slice(0, 6).toLowerCase() !== 'basic ') return undefined;
  const encoded = authorization.slice(6).trim();
  const bytes = Buffer.from(encoded, 'base64');
  // Decoding forgives what it does not know; only the one right spelling counts.
  const text = bytes.toString('base64') === encoded ? bytes.toString('utf8') : '';
  const colon = text.indexOf(':');
  return { name: text.slice(0, Math.max(0, colon)), password: colon === -1 ? '' : text.slice(colon + 1) };
}

/** @param users names and passwords of the configuration */
export function basicCheck(users: Readonly<Record<string, string>>): BasicCheck {
  const hashes = new Map(Object.entries(users).map(([name, password]) => [name, sha256(password)]));
  const nobody = sha256('');
  return ({ name, password }) => {
    const expected = hashes.get(name);
    // The same work for a name that does not exist.
    const isRight = timingSafeEqual(sha256(password), expected ?? nobody);
    if (!expected || !isRight) return refused('wrong name or password');
    return { principal: { id: `basic:${name}`, via: 'basic', user: name }, until: Infinity };
  };
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
