import { type KeyObject, sign, verify } from 'node:crypto';
import { canonical } from '../core/canonical.ts';
import { isObject } from '../core/json.ts';
import type { Head } from './chain.ts';

/**
 * What the chain was at a moment, signed with Ed25519 and kept somewhere else. A chain alone cannot show that its end is
 * missing: a checkpoint in another place says how far it went.
 */
export interface Checkpoint {
  readonly checkpoint: 1;
  readonly seq: number;
  readonly hash: string;
  readonly timestamp: string;
  /** Base64url, over the canonical JSON of the rest. */
  readonly signature: string;
}

export function checkpointOf(head: Head, key: KeyObject, now: Date): Checkpoint {
  const content = {
    checkpoint: 1 as const,
    seq: head.seq,
    hash: head.hash,
    timestamp: now.toISOString(),
  };
  const signature = sign(null, Buffer.from(canonical(content)), key).toString('base64url');
  return { ...content, signature };
}

/** The checkpoint that a line holds, if its signature is right. */
export function readCheckpoint(line: string, key: KeyObject): Checkpoint | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { checkpoint, seq, hash, timestamp, signature } = value;
  if (checkpoint !== 1 || typeof seq !== 'number' || typeof signature !== 'string') return undefined;
  if (typeof hash !== 'string' || typeof timestamp !== 'string') return undefined;
  const content = { checkpoint, seq, hash, timestamp } as const;
  const isSigned = verify(null, Buffer.from(canonical(content)), key, Buffer.from(signature, 'base64url'));
  return isSigned ? { ...content, signature } : undefined;
}
