import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { isObject } from '../../core/json.ts';
import { SetupError } from '../../core/setup-error.ts';
import { KeyRing, type KeyState, type MasterKey } from './key-ring.ts';

/** The file of the keys is not there, not private, or not one. Says which, and what to do. */
export class KeyFileError extends SetupError {
  override readonly name = 'KeyFileError';
}

// Windows has no such flag, nor the attack.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const STATES: readonly unknown[] = ['active', 'decrypt', 'revoked'] satisfies KeyState[];

/**
 * Reads `{"keys": {"<id>": {"key": "<base64url>", "state": "active"}}}`. The checks are made on the open file.
 * @throws {KeyFileError} where it is a link, somebody else's, open to others, or no key ring
 */
export function readKeyFile(path: string): KeyRing {
  let file;
  try {
    file = openSync(path, constants.O_RDONLY | NO_FOLLOW);
  } catch (error) {
    throw new KeyFileError(`The key file ${path} cannot be opened (${codeOf(error)}).`, { cause: error });
  }
  try {
    const { mode, uid } = fstatSync(file);
    const self = process.getuid?.();
    if (self !== undefined && uid !== self)
      throw new KeyFileError(`The key file ${path} belongs to another user (uid ${uid}).`);
    if (self !== undefined && (mode & 0o077) !== 0)
      throw new KeyFileError(`Others may use the key file ${path}: chmod 0600 '${path}'.`);
    return parse(readFileSync(file, 'utf8'), path);
  } finally {
    closeSync(file);
  }
}

/** Makes a file with a fresh key, for its owner only, where there is none; reads the one that is there. */
export function openKeyFile(path: string): KeyRing {
  const ring = KeyRing.fresh();
  try {
    writeFileSync(path, format(ring), { mode: 0o600, flag: 'wx' });
    return ring;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return readKeyFile(path);
    throw new KeyFileError(`The key file ${path} cannot be made (${codeOf(error)}).`, { cause: error });
  }
}

/** Puts another ring in the place of the file: whole, or not at all. */
export function replaceKeyFile(path: string, ring: KeyRing): void {
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, format(ring), { mode: 0o600, flag: 'wx' });
  renameSync(draft, path);
}

function format(ring: KeyRing): string {
  const keys = ring.keys.map(({ id, key, state }) => [id, { key: key.toString('base64url'), state }]);
  return `${JSON.stringify({ keys: Object.fromEntries(keys) }, null, 2)}\n`;
}

function parse(text: string, path: string): KeyRing {
  const wrong = (what: string): KeyFileError =>
    new KeyFileError(`The key file ${path} is no key ring: ${what}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Its message would quote the file.
    throw wrong('it is not JSON');
  }
  if (!isObject(value) || !isObject(value['keys'])) throw wrong('it has no "keys"');
  const keys = Object.entries(value['keys']).map(([id, entry]): MasterKey => {
    if (!/^[0-9a-f]{8}$/.test(id)) throw wrong('the id of a key is not 8 hexadecimal digits');
    if (!isObject(entry) || typeof entry['key'] !== 'string') throw wrong(`${id} has no "key"`);
    const { key, state } = entry;
    const bytes = Buffer.from(key, 'base64url');
    if (bytes.length !== 32) throw wrong(`the key ${id} does not have 32 bytes`);
    if (!isState(state)) throw wrong(`the state of ${id} is not active, decrypt or revoked`);
    return { id, key: bytes, state };
  });
  if (!keys.some(({ state }) => state === 'active')) throw wrong('no key is active');
  return new KeyRing(keys);
}

function isState(value: unknown): value is KeyState {
  return STATES.includes(value);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
