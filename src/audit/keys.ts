import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

/** What a log is written and checked with. */
export interface AuditKeys {
  /** Of the chain: 32 bytes. Who can check with it could also write with it. */
  readonly chain: KeyObject;
  /** Of the checkpoints: Ed25519. */
  readonly signing: KeyObject;
  /** To check checkpoints with; may be given to anybody. */
  readonly verifying: KeyObject;
}

const CHAIN = 'chain.key';
const SIGNING = 'checkpoint.key';
/** For others to check checkpoints with. */
export const VERIFYING = 'checkpoint.pub';

/**
 * The keys in a folder, made there when it has none. They belong to their owner alone (0600), as the folder does (0700).
 * @throws with what to do about it, where others could read or write them
 */
export async function openKeys(folder: string): Promise<AuditKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const bytes = Buffer.from(await kept(join(folder, CHAIN), () => randomBytes(32).toString('hex')), 'hex');
  if (bytes.length !== 32) throw new Error(`${join(folder, CHAIN)} is not a key: 64 hexadecimal digits.`);
  const signing = createPrivateKey(
    await kept(join(folder, SIGNING), () =>
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ),
  );
  const verifying = createPublicKey(signing);
  const shared = join(folder, VERIFYING);
  await kept(shared, () => verifying.export({ type: 'spki', format: 'pem' }).toString());
  return { chain: chainKey(bytes), signing, verifying };
}

/** What was read once need not be read for each record: with bytes for a key, a HMAC takes seven times as long. */
export function chainKey(bytes: Buffer): KeyObject {
  return createSecretKey(bytes);
}

/** The text of a private file, which is written where it is missing. */
async function kept(path: string, make: () => string): Promise<string> {
  const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
  const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
  try {
    await using file = await open(path, O_WRONLY | O_CREAT | O_EXCL | NO_FOLLOW, 0o600);
    const text = make();
    await file.writeFile(text);
    await file.sync();
    return text;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  // Checked on the open file, so that nobody can swap it in between.
  await using file = await open(path, O_RDONLY | NO_FOLLOW);
  checkOwner(path, await file.stat());
  return (await file.readFile('utf8')).trim();
}

function checkOwner(path: string, stats: Stats): void {
  const self = process.getuid?.();
  if (self === undefined) return;
  if (stats.uid !== self) throw new Error(`${path} belongs to another user (uid ${stats.uid}).`);
  if ((stats.mode & 0o077) !== 0) throw new Error(`Others may use ${path}. Run: chmod go= '${path}'`);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
