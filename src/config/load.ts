import { dirname, extname, resolve } from 'node:path';
import { adopt } from './adopt.ts';
import { secretsOfAuth } from './auth.ts';
import { ConfigError, toDiagnostics, type Diagnostic } from './diagnose.ts';
import { explain } from './explain.ts';
import { Findings } from './findings.ts';
import { ownSchema } from './json-schema.ts';
import { resolveAccessLog, resolveAudit } from './audit.ts';
import { resolveGuard } from './guard.ts';
import { resolvePins } from './pins.ts';
import { readJson } from './jsonc.ts';
import { entryOf, nodeAt, valueOf, type MapNode, type Node } from './node.ts';
import { readText } from './read-text.ts';
import { configFile, type Config } from './schema.ts';
import { inheritedSecrets, Secrets } from './secrets.ts';
import type { SecretSource } from './secret-source.ts';
import { resolveServers } from './servers.ts';
import { shownText, shownValue } from './shown.ts';
import { Source } from './source.ts';
import { publicUrlOf, resolveListen } from './tls.ts';
import { secretsOfTelemetry } from './traces.ts';
import { resolveVariables, type VariableContext } from './variables.ts';

/** A configuration that was read, and what there is to know about the reading. */
export interface Loaded {
  readonly config: Config;
  /** What the writer may want to know, such as keys that were passed over. */
  readonly notes: readonly Diagnostic[];
  /** Absolute paths of every file that it came from; the configuration itself is the first. */
  readonly sources: readonly string[];
  /** Values that came from outside of the file and must not be shown. */
  readonly secrets: Secrets;
  /** The configuration as it was written, for people to look at: nothing resolved, literal secrets hidden. */
  readonly shown: unknown;
}

export interface LoadOptions {
  /** Where `${env:X}` looks. */
  readonly env: NodeJS.ProcessEnv;
  /** What relative paths start from. Default: the working directory. */
  readonly cwd?: string;
  /** Where `${secret:X}` looks. Default: nowhere, and every such reference is a mistake. */
  readonly secretSource?: SecretSource | undefined;
}

const FIRST_SERVER = 'A first server: mcpServers: { net: { builtin: net } }';

/**
 * Reads, checks and completes a configuration file: YAML, or JSON with comments; Sallyport's own, or an `mcp.json`.
 * @param file as the user gave it: messages show it like that.
 * @throws {ConfigError} with everything that is wrong, not only the first thing.
 */
export async function loadConfig(file: string, options: LoadOptions): Promise<Loaded> {
  const path = resolve(options.cwd ?? '', file);
  const findings = new Findings();
  const sources = new Set([path]);
  const secrets = new Secrets();
  for (const value of inheritedSecrets(options.env)) secrets.add(value);

  const reading = await readText(path, 'any');
  const source = new Source(file, 'value' in reading ? reading.value : '');
  const failure = (written?: Node): ConfigError =>
    new ConfigError(toDiagnostics(findings, source, shownText(source, written)), [...sources]);
  if ('problem' in reading) findings.error(undefined, reading.problem, reading.hint);
  else if (source.text.trim() === '') {
    // An editor in the midst of saving looks like this too, and must not end every server.
    findings.error(undefined, 'There is nothing in this file.', FIRST_SERVER);
  }
  if (findings.hasErrors) throw failure();

  const syntax = syntaxOf(path, source.text);
  // The YAML parser is a third of all there is to load.
  const read = syntax === 'yaml' ? (await import('./yaml.ts')).readYaml : readJson;
  const written = read(source.text, findings);
  if (!written) throw failure();
  if (written.kind !== 'map') {
    findings.error(written.span, 'A configuration is a map of keys and values.', FIRST_SERVER);
    throw failure(written);
  }

  const adopted = adopt(written, { findings, file: path, syntax });
  const config = await complete(adopted, {
    env: options.env,
    secretSource: options.secretSource,
    folder: dirname(path),
    findings,
    secrets,
    sources,
  });
  if (!config || findings.hasErrors) throw failure(written);
  return {
    config,
    notes: toDiagnostics(findings, source, shownText(source, written)),
    sources: [...sources],
    secrets,
    shown: shownValue(adopted),
  };
}

/** A file called neither: JSON begins with a brace, or with a comment that YAML does not know. */
function syntaxOf(path: string, text: string): 'json' | 'yaml' {
  const extension = extname(path).toLowerCase();
  if (extension === '.json' || extension === '.jsonc') return 'json';
  if (extension === '.yaml' || extension === '.yml') return 'yaml';
  return /^\s*(?:\{|\/\/|\/\*)/.test(text) ? 'json' : 'yaml';
}

async function complete(adopted: MapNode, context: VariableContext): Promise<Config | undefined> {
  const { findings } = context;
  const resolved = await resolveVariables(adopted, context);
  const result = configFile.safeParse(valueOf(resolved));
  if (!result.success) {
    explain(result.error.issues, resolved, ownSchema(), findings);
    return undefined;
  }
  const { mcpServers, $schema: _, publicUrl, ...rest } = result.data;
  for (const secret of rest.auth ? secretsOfAuth(rest.auth) : []) context.secrets.add(secret);
  for (const secret of secretsOfTelemetry(rest.telemetry)) context.secrets.add(secret);
  const servers = await resolveServers(mcpServers, nodeAt(resolved, ['mcpServers']), context);
  if (servers.length === 0 && !findings.hasErrors) {
    findings.note(entryOf(adopted, 'mcpServers')?.key, 'There is no server to serve: mcpServers is empty.');
  }
  const guard = rest.guard && resolveGuard(rest.guard, context.folder);
  const pins = resolvePins(rest.pins, context.folder);
  const audit = rest.audit && resolveAudit(rest.audit, context.folder);
  const accessLog = rest.accessLog && resolveAccessLog(rest.accessLog, context.folder);
  const listen = resolveListen(rest.listen, context.folder);
  return {
    ...rest,
    listen,
    guard,
    pins,
    audit,
    accessLog,
    publicUrl: publicUrl ?? publicUrlOf(listen),
    allowedHosts: [...rest.allowedHosts, ...(listen.tls?.acme?.domains ?? [])],
    servers,
  };
}
