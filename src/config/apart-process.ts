import { ConfigError, type Diagnostic } from './diagnose.ts';
import { loadConfig, type Loaded } from './load.ts';
import type { Config, ServerConfig } from './schema.ts';
import { configFromCommand, configOf, quickstartConfig } from './start.ts';

/** Settings as a configuration file has them. */
export type Settings = Readonly<Record<string, unknown>>;

/** What the process is to read. */
export type Job =
  | { readonly kind: 'file'; readonly file: string; readonly env: NodeJS.ProcessEnv; readonly cwd: string }
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'server'; readonly server: ServerConfig; readonly settings: Settings }
  | { readonly kind: 'quickstart' };

/** What came of it, as a message between processes can carry it. */
export type Outcome =
  | (Omit<Loaded, 'secrets'> & { readonly secrets: ReadonlySet<string> })
  | { readonly diagnostics: readonly Diagnostic[]; readonly sources: readonly string[] };

async function read(job: Job): Promise<Outcome> {
  if (job.kind === 'command') return made(configFromCommand(job.argv));
  if (job.kind === 'server') return made(configOf(job.server, job.settings));
  if (job.kind === 'quickstart') return made(quickstartConfig());
  const loaded = await loadConfig(job.file, job);
  return { ...loaded, secrets: loaded.secrets.values };
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
