import { once } from 'node:events';
import { ConfigError, type Diagnostic } from './diagnose.ts';
import { loadConfig, type Loaded } from './load.ts';
import type { Config, ServerConfig } from './schema.ts';
import type { SecretSource } from './secret-source.ts';
import { configFromCommand, configOf, quickstartConfig } from './start.ts';

/** Settings as a configuration file has them. */
export type Settings = Readonly<Record<string, unknown>>;

/** What the process is to read. */
export type Job =
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly env: NodeJS.ProcessEnv;
      readonly cwd: string;
      /** Undefined: there are no kept secrets. */
      readonly secretsFile: string | undefined;
    }
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'server'; readonly server: ServerConfig; readonly settings: Settings }
  | { readonly kind: 'quickstart' };

/** What came of it, as a message between processes can carry it. */
export type Outcome =
  | (Omit<Loaded, 'secrets'> & { readonly secrets: ReadonlySet<string> })
  | { readonly diagnostics: readonly Diagnostic[]; readonly sources: readonly string[] };

/** What this process says: which secret it wants to know, and in the end the outcome. */
export type Said = Outcome | { readonly wanted: string };

/** What it is told of a secret. */
export type Told = { readonly value: string | undefined } | { readonly problem: string };

async function read(job: Job): Promise<Outcome> {
  if (job.kind === 'command') return made(configFromCommand(job.argv));
  if (job.kind === 'server') return made(configOf(job.server, job.settings));
  if (job.kind === 'quickstart') return made(quickstartConfig());
  const { file, env, cwd, secretsFile } = job;
  const loaded = await loadConfig(file, {
    env,
    cwd,
    secretSource: secretsFile === undefined ? undefined : askingFor(secretsFile),
  });
  return { ...loaded, secrets: loaded.secrets.values };
}

/** The secrets as whoever started this process knows them. They are asked for one after the other. */
function askingFor(file: string): SecretSource {
  return {
    file,
    async read(wanted) {
      const answer = once(process, 'message');
      process.send?.({ wanted } satisfies Said);
      const [told] = (await answer) as [Told];
      if ('problem' in told) throw new Error(told.problem);
      return told.value;
    },
  };
}

function made(config: Config): Outcome {
  return { config, notes: [], sources: [], secrets: new Set(), shown: undefined };
}

process.once('message', (job: Job) => {
  read(job)
    .catch((error: unknown): Outcome => {
      if (!(error instanceof ConfigError)) throw error;
      return { diagnostics: error.diagnostics, sources: error.sources };
    })
    .then((outcome) => process.send?.(outcome, () => process.disconnect()))
    .catch(() => process.exit(1));
});
