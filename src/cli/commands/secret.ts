import { SECRET_NAME } from '../../config/secret-source.ts';
import type { SecretStore } from '../../store/secret-store.ts';
import { VaultError } from '../../store/vault.ts';
import { suggest } from '../../config/suggest.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { hiddenInput } from '../hidden-input.ts';
import { homePath, openHome } from '../home.ts';
import { secretStore } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';
import { displayWidth, pad } from '../text.ts';

/** What fits into a variable of a process's environment, and into a file of the config: 64 KiB. */
const MAX_BYTES = 64 * 1024;

/** `sallyport secret set NAME`: keeps a value, read from stdin or typed at a hidden prompt. */
export async function setSecret(name: string, terminal: Terminal): Promise<ExitCode> {
  checkName(name);
  const value = await hiddenInput(`The value of ${name} (it is not shown): `, terminal);
  if (value === '')
    throw new Failure(EXIT.USAGE, 'there is no value', [
      `type it, or send it:   sallyport secret set ${name} < FILE`,
    ]);
  if (Buffer.byteLength(value) > MAX_BYTES) throw new Failure(EXIT.USAGE, 'the value is larger than 64 KiB');
  // No variable and no header of a server can hold one.
  if (value.includes('\0'))
    throw new Failure(EXIT.USAGE, 'the value has a NUL character in it: it is not text');
  const was = await withStore(terminal, (store) => store.set(name, value));
  terminal.stderr.write(`${was ? 'Changed' : 'Kept'}. A config names it \${secret:${name}}.\n`);
  return EXIT.OK;
}

/** `sallyport secret list`: names and dates, never a value. */
export async function listSecrets(options: { json?: boolean }, terminal: Terminal): Promise<ExitCode> {
  const secrets = await withStore(terminal, (store) => store.list());
  const dated = secrets.map(({ name, createdAt, changedAt }) => ({
    name,
    created: new Date(createdAt).toISOString(),
    changed: new Date(changedAt).toISOString(),
  }));
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify({ secrets: dated })}\n`);
    return EXIT.OK;
  }
  if (dated.length === 0) terminal.stderr.write('No secret is kept here: sallyport secret set NAME\n');
  const width = Math.max(...dated.map(({ name }) => displayWidth(name)), 0);
  for (const { name, changed } of dated)
    terminal.stdout.write(`${pad(name, width)}  ${changed.slice(0, 16).replace('T', ' ')} UTC\n`);
  return EXIT.OK;
}

/** `sallyport secret rm NAME`. */
export async function removeSecret(name: string, terminal: Terminal): Promise<ExitCode> {
  checkName(name);
  return withStore(terminal, async (store) => {
    if (await store.remove(name)) {
      terminal.stderr.write(`The secret ${name} is gone.\n`);
      return EXIT.OK;
    }
    const names = (await store.list()).map((secret) => secret.name);
    const meant = suggest(name, names);
    throw new Failure(EXIT.FAILED, `there is no secret ${name}`, [
      ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
      'sallyport secret list   shows what there is',
    ]);
  });
}

async function withStore<T>(terminal: Terminal, work: (store: SecretStore) => Promise<T>): Promise<T> {
  const store = secretStore(await openHome(homePath(terminal.env)));
  try {
    return await work(store);
  } catch (error) {
    if (error instanceof VaultError) throw new Failure(EXIT.FAILED, error.message, [], { cause: error });
    throw error;
  }
}

/** The name may be a secret that was typed in the wrong place, so it is not repeated. */
function checkName(name: string): void {
  if (SECRET_NAME.test(name)) return;
  throw new Failure(EXIT.USAGE, 'that is not a name of a secret', [
    'it has 1 to 64 letters, digits, _, - and . in it; the value is typed, or read from stdin',
  ]);
}
