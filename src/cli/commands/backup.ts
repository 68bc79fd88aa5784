import { createWriteStream } from 'node:fs';
import { link, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from '../backup/archive.ts';
import { configFiles, copyConfig } from '../backup/config-files.ts';
import { seal } from '../backup/envelope.ts';
import { newPassphrase } from '../backup/passphrase.ts';
import { copyHome } from '../backup/snapshot.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorCode, Failure } from '../failure.ts';
import { findHome, homePath } from '../home.ts';
import { bytes } from '../running/amounts.ts';
import type { Terminal } from '../terminal.ts';

export interface BackupOptions {
  readonly config?: string;
  readonly passphraseFile?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `sallyport backup`: the home and the configuration, in one encrypted file. A gateway may run meanwhile. */
export async function backup(
  given: string | undefined,
  options: BackupOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const home = homePath(terminal.env);
  if (!(await findHome(home)))
    throw new Failure(EXIT.FAILED, `there is nothing to back up: no home at ${home}`, [
      'one of another place is found with SALLYPORT_HOME',
    ]);
  const file = resolve(terminal.cwd, given ?? `sallyport-${new Date().toISOString().slice(0, 10)}.backup`);
  if (!options.force && (await isThere(file)))
    throw new Failure(EXIT.FAILED, `${file} is there already`, ['--force   writes over it']);
  const config = await configFiles(options.config, home, terminal);
  const passphrase = await newPassphrase(options.passphraseFile, terminal);

  // Everything lies open in here for a moment, as it does in the home around it.
  const run = join(home, 'run');
  await mkdir(run, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(run, 'backup-'));
  const draft = `${file}.${process.pid}`;
  try {
    await copyHome(home, join(folder, 'home'));
    if (config) {
      await mkdir(join(folder, 'config'), { mode: 0o700 });
      await copyConfig(config, join(folder, 'config'));
    }
    const parts = config ? ['home', 'config'] : ['home'];
    await pipeline(
      seal(pack(folder, parts), passphrase),
      createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }),
    );
    await put(draft, file, options.force === true);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'EACCES') throw error;
    throw new Failure(EXIT.FAILED, `cannot write ${file} (${errorCode(error) ?? ''})`, [], { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(draft, { force: true });
  }
  const { size } = await stat(file);
  tell({ file, size, home, config }, options, terminal);
  return EXIT.OK;
}

/** Whole or not at all; without force, nothing is written over, even what came meanwhile. */
async function put(draft: string, file: string, force: boolean): Promise<void> {
  if (force) return rename(draft, file);
  try {
    await link(draft, file);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    throw new Failure(EXIT.FAILED, `${file} is there already`, ['--force   writes over it']);
  }
}

interface Made {
  readonly file: string;
  readonly size: number;
  readonly home: string;
  readonly config: Awaited<ReturnType<typeof configFiles>>;
}

function tell({ file, size, home, config }: Made, { json }: BackupOptions, terminal: Terminal): void {
  const notes = [
    ...(config ? [] : ['There is no configuration in it: name one with --config.']),
    ...(config?.isBroken ? ['The configuration has mistakes: what it names is not in the backup.'] : []),
    ...(config?.elsewhere ?? []).map((path) => `Not in it, since it lies elsewhere: ${path}`),
  ];
  if (json) {
    const files = config?.files ?? [];
    terminal.stdout.write(`${JSON.stringify({ file, bytes: size, home, config: files, notes })}\n`);
    return;
  }
  terminal.stderr.write(`${file}: ${bytes(size)}, encrypted. Keep the passphrase elsewhere.\n`);
  for (const note of notes) terminal.stderr.write(`  ${note}\n`);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
