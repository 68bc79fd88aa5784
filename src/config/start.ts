import { ConfigError } from './diagnose.ts';
import { nameOfCommand } from './command-name.ts';
import { configFile, type Config, type ServerConfig } from './schema.ts';

/**
 * The configuration for one local command: `sallyport up -- npx -y @modelcontextprotocol/server-everything stdio`.
 * The words are taken as they are: a shell has resolved what there was to resolve.
 * @throws {ConfigError} when there is no command.
 */
export function configFromCommand(argv: readonly string[]): Config {
  const [command, ...args] = argv;
  if (!command?.trim()) {
    const message = 'There is no command after --.';
    throw new ConfigError([{ severity: 'error', message, file: 'command line' }], []);
  }
  return configOf({ name: nameOfCommand(argv), kind: 'stdio', command, args, env: {}, cwd: undefined });
}

/** The configuration of a first try, without any file: the built-in `net` server. */
export function quickstartConfig(): Config {
  return configOf({ name: 'net', kind: 'builtin', builtin: 'net', options: {} });
}

/**
 * One server, and the schema's defaults for everything else.
 * @param settings what is to be otherwise, as a file would have it
 * @throws {ConfigError} when the settings are not right
 */
export function configOf(server: ServerConfig, settings: Readonly<Record<string, unknown>> = {}): Config {
  const read = configFile.safeParse(settings);
  if (!read.success)
    throw new ConfigError(
      read.error.issues.map(({ path, message }) => ({
        severity: 'error',
        message: `${path.join('.')}: ${message}`,
        file: 'command line',
      })),
      [],
    );
  const { mcpServers: _, $schema: __, publicUrl, ...rest } = read.data;
  return { ...rest, publicUrl, servers: [server] };
}
