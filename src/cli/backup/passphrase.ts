import { resolve } from 'node:path';
import { readText } from '../../config/read-text.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { hiddenInput } from '../hidden-input.ts';
import type { Terminal } from '../terminal.ts';

/** Everything is in a backup, and it may be tried for years. */
const SHORTEST = 12;

/** For a new backup: typed twice, since a slip would only be found out when it is too late. */
export async function newPassphrase(file: string | undefined, terminal: Terminal): Promise<string> {
  const passphrase = await readPassphrase(file, terminal);
  if (passphrase.length < SHORTEST)
    throw new Failure(EXIT.USAGE, `the passphrase has fewer than ${SHORTEST} characters`, [
      'five or six words that you choose by chance will do; openssl rand -base64 24 makes one for a file',
    ]);
  const isTyped = file === undefined && terminal.stdin.isTTY === true;
  if (isTyped && (await hiddenInput('Once more: ', terminal)) !== passphrase)
    throw new Failure(EXIT.FAILED, 'the two are not the same');
  return passphrase;
}

/** From a file for its owner only, else typed, else the whole of stdin. */
export async function readPassphrase(file: string | undefined, terminal: Terminal): Promise<string> {
  if (file === undefined) return hiddenInput('Passphrase of the backup: ', terminal);
  const reading = await readText(resolve(terminal.cwd, file), 'private');
  if ('value' in reading) return reading.value.replace(/\r?\n$/, '');
  throw new Failure(
    EXIT.FAILED,
    `${file}: ${reading.problem}`,
    reading.hint === undefined ? [] : [reading.hint],
  );
}
