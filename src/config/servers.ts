import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type Life, lifeOf } from './isolation.ts';
import { resolveContainer } from './container.ts';
import { noteExposedArguments } from './exposed-arguments.ts';
import { isSecretVariable } from './looks-secret.ts';
import { entryOf, type Node } from './node.ts';
import { pending, referencesIn } from './template.ts';
import { readText } from './read-text.ts';
import { resolveSandbox } from './sandbox.ts';
import type { ConfigFile, HttpServer, ServerConfig, ServerKind } from './schema.ts';
import type { VariableContext } from './variables.ts';

type ServerEntry = ConfigFile['mcpServers'][string];
type StdioEntry = Extract<ServerEntry, { command: string }>;

/**
 * The servers as the gateway sees them, in the order of the file.
 * @param servers what the schema made of them
 * @param written where they are written. (The keys of an object have an order of their own when they are numbers.)
 */
export async function resolveServers(
  servers: ConfigFile['mcpServers'],
  written: Node | undefined,
  context: VariableContext,
): Promise<ServerConfig[]> {
  const result: ServerConfig[] = [];
  for (const { name, value } of written?.kind === 'map' ? written.entries : []) {
    const entry = Object.hasOwn(servers, name) ? servers[name] : undefined;
    if (!entry) continue;
    const server = await resolveServer(entry, value, context);
    rememberSecrets(server, context);
    noteExposedArguments(value, context.findings);
    const life = lifeOf(entry);
    checkReferences(server, life, value, context);
    result.push({ name, ...server, ...(life && { life }), ...(entry.identity && { identity: true }) });
  }
  return result;
}

/** What differs from caller to caller cannot be the same process for all of them, nor one that was started before. */
function checkReferences(
  server: ServerKind,
  life: Life | undefined,
  written: Node,
  { findings }: VariableContext,
): void {
  const references = referencesIn(server);
  if (references.length === 0) return;
  for (const name of references) {
    const [, header] = /^header:(.*)$/.exec(name) ?? [];
    if (header !== undefined && life?.passHeaders?.includes(header) !== true)
      findings.error(
        written.span,
        `\${${name}} needs the header in passHeaders.`,
        `Only what the configuration names is passed on: passHeaders: [${header}].`,
      );
  }
  if (life?.isolation === 'shared')
    findings.error(
      entryOf(written, 'isolation')?.value.span,
      'A server that is started with what its caller brings cannot be shared.',
      'Leave isolation out, or take what is ${principal.…} and ${header:…} out of env, args and headers.',
    );
  if (life?.warm !== undefined && life.warm > 0)
    findings.error(
      entryOf(written, 'warm')?.value.span,
      'A server that is started with what its caller brings cannot be started ahead.',
    );
}

async function resolveServer(
  entry: ServerEntry,
  written: Node,
  context: VariableContext,
): Promise<ServerKind> {
  if ('url' in entry) {
    const { url, headers, type, protocol, allowPrivate, auth } = entry;
    return {
      kind: 'http',
      url,
      headers,
      type,
      ...(protocol && { protocol }),
      ...(allowPrivate !== undefined && { allowPrivate }),
      ...(auth && {
        auth: auth.grant === 'token_exchange' ? { ...auth, subject: pending('principal.id') } : auth,
      }),
    };
  }
  if ('container' in entry) {
    const container = resolveContainer(entry.container, context.folder);
    return { kind: 'container', container, ...(entry.protocol && { protocol: entry.protocol }) };
  }
  if ('builtin' in entry) return { kind: 'builtin', builtin: entry.builtin, options: entry.options };
  const cwd = entry.cwd === undefined ? undefined : resolve(context.folder, entry.cwd);
  const env = { ...(await readEnvFile(entry, written, context)), ...entry.env };
  const { command, args, protocol } = entry;
  const sandbox = resolveSandbox(entry.sandbox, context.folder);
  return {
    kind: 'stdio',
    command,
    args,
    env,
    cwd,
    ...(sandbox && { sandbox }),
    ...(protocol && { protocol }),
  };
}

async function readEnvFile(
  entry: StdioEntry,
  written: Node,
  { folder, sources, secrets, findings }: VariableContext,
): Promise<Record<string, string>> {
  if (entry.envFile === undefined) return {};
  const file = resolve(folder, entry.envFile);
  sources.add(file);
  const reading = await readText(file, 'private');
  if ('value' in reading) {
    const variables = Object.entries(parseEnv(reading.value)).map(
      ([name, value = '']) => [name, value] as const,
    );
    for (const [, value] of variables) secrets.add(value);
    return Object.fromEntries(variables);
  }
  findings.error(entryOf(written, 'envFile')?.value.span, reading.problem, reading.hint);
  return {};
}

/** Secrets that stand in the file itself, against the advice. */
function rememberSecrets(server: ServerKind, { secrets }: VariableContext): void {
  const literals = secretsOf(server);
  for (const literal of literals) {
    secrets.add(literal);
    // `Bearer abc`: a server's own message may quote it without the scheme.
    secrets.add(/^\S+\s+(\S+)$/.exec(literal)?.[1] ?? '');
  }
}

function secretsOfRemote({ headers, auth }: HttpServer): string[] {
  const { clientSecret } = auth ?? {};
  return [...Object.values(headers), ...(clientSecret === undefined ? [] : [clientSecret])];
}

function secretsOf(server: ServerKind): string[] {
  if (server.kind === 'http') return secretsOfRemote(server);
  if (server.kind === 'builtin') return [];
  const { env } = server.kind === 'stdio' ? server : server.container;
  return Object.entries(env).flatMap(([name, value]) => (isSecretVariable(name, value) ? [value] : []));
}
