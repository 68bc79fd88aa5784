import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname, extname } from 'node:path';
import type { Job, Said, Settings, Told } from './apart-process.ts';
import { ConfigError } from './diagnose.ts';
import type { Loaded, LoadOptions } from './load.ts';
import type { Config, ServerConfig } from './schema.ts';
import type { SecretSource } from './secret-source.ts';
import { Secrets } from './secrets.ts';

/** A configuration of the largest size needs a tenth of it. */
const MEMORY_MB = 512;
/** Beside this file, in whichever form this file runs: `.ts` from the sources, `.js` when built. */
const PROCESS = new URL(`./apart-process${extname(import.meta.filename)}`, import.meta.url);

/**
 * Reading a configuration in a process that ends with it. What that takes, the schema library and the YAML parser, is a
 * fifth of the memory of an idle gateway, for something that is done once (a thread gives its memory back to the
 * process and not to the system); and a file that exhausts the reader's memory does not end the gateway with it.
 */
function apart(job: Job, secretSource?: SecretSource): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const compiled = getCompileCacheDir();
    const child = fork(PROCESS, {
      // Node hands its own cache of compiled code on to nobody. What it tells is the folder of its version in it.
      env: { ...process.env, ...(compiled && { NODE_COMPILE_CACHE: dirname(compiled) }) },
      // Sets and undefined survive, which JSON loses.
      serialization: 'advanced',
      // With room for what is young, loading the libraries collects no garbage: a tenth of this process's time.
      execArgv: [`--max-old-space-size=${MEMORY_MB}`, '--min-semi-space-size=16'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (message) => {
      const outcome = message as Said;
      if ('wanted' in outcome) return void tell(child, outcome.wanted, secretSource);
      if ('diagnostics' in outcome) return reject(new ConfigError(outcome.diagnostics, outcome.sources));
      const secrets = new Secrets();
      for (const value of outcome.secrets) secrets.add(value);
      resolve({ ...outcome, secrets });
    });
    child.once('error', reject);
    // After a message this comes too late to change anything.
    child.once('close', () => reject(unreadable(job)));
    child.send(job);
  });
}

/** Reads, checks and completes a configuration file, as `loadConfig` does. */
export function loadApart(
  file: string,
  { env, cwd = process.cwd(), secretSource }: LoadOptions,
): Promise<Loaded> {
  const secretsFile = secretSource?.file;
  return apart({ kind: 'file', file, env: { ...env }, cwd, secretsFile }, secretSource);
}

/** The configuration that serves one command. */
export async function commandApart(argv: readonly string[]): Promise<Config> {
  return (await apart({ kind: 'command', argv: [...argv] })).config;
}

/**
 * The configuration for one server that is known already.
 * @param settings what is not as the schema's defaults have it
 * @throws {ConfigError} when a setting is not right
 */
export async function serverApart(server: ServerConfig, settings: Settings = {}): Promise<Config> {
  return (await apart({ kind: 'server', server, settings })).config;
}

/** The configuration of somebody who has none yet. */
export async function quickstartApart(): Promise<Config> {
  return (await apart({ kind: 'quickstart' })).config;
}

/** Answers the process that asks for a secret. It gets the ones it asks for, and neither the key nor the rest. */
async function tell(
  child: ChildProcess,
  wanted: string,
  secretSource: SecretSource | undefined,
): Promise<void> {
  const told = await (secretSource?.read(wanted) ?? Promise.resolve(undefined)).then(
    (value): Told => ({ value }),
    (error: unknown): Told => ({ problem: error instanceof Error ? error.message : String(error) }),
  );
  // It may have died over the rest of the file.
  if (child.connected) child.send(told, () => {});
}

function unreadable(job: Job): ConfigError {
  const file = job.kind === 'file' ? job.file : 'the command line';
  const message = 'Reading this configuration took more memory than any real one does.';
  return new ConfigError([{ severity: 'error', message, file }], job.kind === 'file' ? [job.file] : []);
}
