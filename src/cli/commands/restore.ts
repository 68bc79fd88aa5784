import { createReadStream } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { findGateway } from '../../admin/client.ts';
import { ArchiveError, type Entry, unpack, writeInto } from '../backup/archive.ts';
import { EnvelopeError, unseal } from '../backup/envelope.ts';
import { readPassphrase } from '../backup/passphrase.ts';
import { draftFor, entriesOf, takePlace } from '../backup/place.ts';
import { readEndpoint } from '../endpoint-file.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorCode, Failure } from '../failure.ts';
import { findHome, homePath } from '../home.ts';
import { bytes, several } from '../running/amounts.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine } from '../text.ts';

export interface RestoreOptions {
  readonly passphraseFile?: string;
  readonly force?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
}

/** `sallyport restore`: puts back what `sallyport backup` made, whole or not at all. */
export async function restore(file: string, options: RestoreOptions, terminal: Terminal): Promise<ExitCode> {
  const path = resolve(terminal.cwd, file);
  if (options.list) {
    const listed = await open(path, options, terminal);
    showEntries(listed, options, terminal);
    return EXIT.OK;
  }
  const home = homePath(terminal.env);
  await refuseWhileRunning(home);
  if (!options.force && (await isUsed(home)))
    throw new Failure(EXIT.FAILED, `there is a home already: ${home}`, [
      '--force   puts the backup in its place, and keeps the old one beside it',
      'SALLYPORT_HOME names another place',
    ]);

  // On the same file system, so that the last step is a renaming, which cannot be done by half.
  const place = await draftFor(home);
  const draft = place.folder;
  try {
    const entries = await open(path, options, terminal, draft);
    if (!entries.some((entry) => entry.path.startsWith('home/')))
      throw new Failure(EXIT.FAILED, 'there is no home in this backup');
    const config = entries
      .filter((entry) => entry.path.startsWith('config/'))
      .map((entry) => entry.path.slice(7));
    if (!options.force) await refuseOverwriting(config, terminal.cwd);
    await refuseWhileRunning(home);
    const drafted = await draftConfig(config, draft, terminal.cwd);
    try {
      const old = await takePlace(join(draft, 'home'), home, place);
      await drafted.place();
      tell({ home, old, config, entries }, options, terminal);
    } finally {
      await drafted.remove();
    }
    return EXIT.OK;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Reads all of a backup, and writes it into a folder, where there is one. */
async function open(
  path: string,
  { passphraseFile }: RestoreOptions,
  terminal: Terminal,
  target?: string,
): Promise<Entry[]> {
  await access(path).catch((error: unknown) => {
    throw new Failure(EXIT.FAILED, `cannot read ${path} (${errorCode(error) ?? ''})`, [], { cause: error });
  });
  const passphrase = await readPassphrase(passphraseFile, terminal);
  const take =
    target === undefined
      ? undefined
      : (name: string, data: AsyncIterable<Buffer>) => writeInto(target, name, data);
  try {
    return await unpack(unseal(createReadStream(path), passphrase), take);
  } catch (error) {
    if (!(error instanceof EnvelopeError) && !(error instanceof ArchiveError)) throw error;
    throw new Failure(EXIT.FAILED, `${path}: ${error.message}`, ['nothing was changed'], { cause: error });
  }
}

async function refuseWhileRunning(home: string): Promise<void> {
  if (!(await findHome(home))) return;
  const running = (await readEndpoint(home)) ?? (await findGateway(home));
  if (running)
    throw new Failure(EXIT.FAILED, `a gateway runs from ${home}`, [
      'stop it first, and start it again afterwards',
    ]);
}

async function isUsed(home: string): Promise<boolean> {
  return (await findHome(home)) && (await entriesOf(home)).length > 0;
}

async function refuseOverwriting(config: readonly string[], folder: string): Promise<void> {
  for (const name of config)
    if (
      await access(join(folder, name)).then(
        () => true,
        () => false,
      )
    )
      throw new Failure(EXIT.FAILED, `${join(folder, name)} is there already`, [
        '--force   writes over it',
        'in another folder, the configuration is put there',
      ]);
}

/**
 * Writes the configuration beside where it belongs, in the working directory, where `sallyport up` will look for it.
 * @returns puts it there
 */
async function draftConfig(
  config: readonly string[],
  draft: string,
  folder: string,
): Promise<{ place(): Promise<void>; remove(): Promise<void> }> {
  const drafts: { readonly own: string; readonly target: string }[] = [];
  const remove = async (): Promise<void> => {
    for (const { own } of drafts) await rm(own, { recursive: true, force: true });
  };
  try {
    for (const name of config) {
      const target = join(folder, name);
      await mkdir(dirname(target), { recursive: true });
      const own = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
      drafts.push({ own, target });
      await writeInto(own, 'file', createReadStream(join(draft, 'config', name)));
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    remove,
    async place() {
      for (const { own, target } of drafts) await rename(join(own, 'file'), target);
    },
  };
}

interface Restored {
  readonly home: string;
  readonly old: string | undefined;
  readonly config: readonly string[];
  readonly entries: readonly Entry[];
}

function tell({ home, old, config, entries }: Restored, { json }: RestoreOptions, terminal: Terminal): void {
  if (json) {
    terminal.stdout.write(`${JSON.stringify({ home, before: old, config, files: entries.length })}\n`);
    return;
  }
  const count = several(entries.length, 'file');
  terminal.stderr.write(`${count} restored, the home at ${home}.\n`);
  if (old !== undefined) terminal.stderr.write(`  The one that was there is now ${old}.\n`);
  if (config.length > 0) terminal.stderr.write(`  In ${terminal.cwd}: ${config.map(oneLine).join(', ')}\n`);
}

function showEntries(entries: readonly Entry[], { json }: RestoreOptions, { stdout }: Terminal): void {
  if (json) return void stdout.write(`${JSON.stringify({ files: entries })}\n`);
  for (const { path, bytes: size } of entries)
    stdout.write(`${bytes(size).padStart(10)}  ${oneLine(path)}\n`);
}
