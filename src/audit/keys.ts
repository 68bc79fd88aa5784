import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../core/setup-error.ts';
import { ChainKey, KEY_BYTES } from './chain-key.ts';

/** What a log is written and checked with. */
export interface AuditKeys {
  /** Of the chain. Who can check with it could also write with it. */
  readonly chain: ChainKey;
  /** Of the checkpoints: Ed25519. */
  readonly signing: KeyObject;
  /** To check checkpoints with; may be given to anybody. */
  readonly verifying: KeyObject;
}

const CHAIN = 'chain.key';
const SIGNING = 'checkpoint.key';
/** For others to check checkpoints with. */
export const VERIFYING = 'checkpoint.pub';
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/**
 * The keys in a folder, made there when it has none. They belong to their owner alone (0600), as the folder does (0700).
 * @throws with what to do about it, where others could read or write them
 */
export async function openKeys(folder: string): Promise<AuditKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = await kept(join(folder, CHAIN), () => randomBytes(KEY_BYTES).toString('hex'));
  const keys = keysOf(folder, text, await kept(join(folder, SIGNING), newSigningKey));
  const shared = join(folder, VERIFYING);
  await kept(shared, () => keys.verifying.export({ type: 'spki', format: 'pem' }).toString());
  return keys;
}

/**
 * The keys in a folder. To look whether a log is whole must not make new ones: no log would fit them.
 * @throws with what to do about it, where there are none, or others could read or write them
 */
export async function readKeys(folder: string): Promise<AuditKeys> {
  try {
    return keysOf(folder, await read(join(folder, CHAIN)), await read(join(folder, SIGNING)));
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    const problem = `The keys of the log are not in ${folder}: bring them back from where they are, or from a backup.`;
    throw new SetupError(problem, { cause: error });
  }
}

function keysOf(folder: string, chain: string, signing: string): AuditKeys {
  const bytes = Buffer.from(chain, 'hex');
  if (bytes.length !== KEY_BYTES)
    throw new SetupError(`${join(folder, CHAIN)} is not a key: 64 hexadecimal digits.`);
  const key = createPrivateKey(signing);
  return { chain: new ChainKey(bytes), signing: key, verifying: createPublicKey(key) };
}

function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The text of a private file, which is written where it is missing. */
async function kept(path: string, make: () => string): Promise<string> {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  try {
    await using file = await open(path, O_WRONLY | O_CREAT | O_EXCL | NO_FOLLOW, 0o600);
    const text = make();
    await file.writeFile(text);
    await file.sync();
    return text;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  return read(path);
}

/** The text of a private file. */
async function read(path: string): Promise<string> {
  // Checked on the open file, so that nobody can swap it in between.
  await using file = await open(path, constants.O_RDONLY | NO_FOLLOW);
  checkOwner(path, await file.stat());
  return (await file.readFile('utf8')).trim();
}

function checkOwner(path: string, stats: Stats): void {
  const self = process.getuid?.();
  if (self === undefined) return;
  if (stats.uid !== self) throw new SetupError(`${path} belongs to another user (uid ${stats.uid}).`);
  if ((stats.mode & 0o077) !== 0) throw new SetupError(`Others may use ${path}. Run: chmod go= '${path}'`);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
