import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CHILD,
  COMPILED,
  type Ending,
  eventually,
  type Program,
  ROOT,
  SALLYPORT,
  start,
  temporaryFolder,
  type TemporaryFolder,
} from './processes.ts';

/** A config file as the tests write it: the keys of `sallyport.yaml`, in JSON. */
export type Config = Readonly<Record<string, unknown>>;

export interface GatewayOptions {
  /** Written to `<home>/sallyport.json`. Without one the gateway starts as it would for a newcomer. */
  config?: Config | undefined;
  /** More arguments of `up`. */
  args?: readonly string[];
  /** More environment. */
  env?: Readonly<Record<string, string>>;
}

/** The gateway as a newcomer gets it: the built package, in a process and with a home of its own. */
export interface Gateway extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/mcp` */
  readonly endpoint: string;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly port: number;
  /** Undefined when it runs without authentication. */
  readonly token: string | undefined;
  readonly home: string;
  readonly configFile: string;
  readonly pid: number;
  readonly program: Program;
  /** The first line on stdout. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Writes another config into the file it was started with. */
  writeConfig(config: Config | string): void;
  /** SIGTERM, and SIGKILL to whatever is left after `graceMs`. */
  stop(graceMs?: number): Promise<Ending>;
}

/**
 * Starts a gateway on a free port of loopback.
 * @throws when it ends, or is not ready in half a minute; the message holds what it printed
 */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const folder = temporaryFolder();
  const configFile = join(folder.path, 'sallyport.json');
  const writeConfig = (config: Config | string): void =>
    writeFileSync(configFile, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  if (options.config) writeConfig(options.config);
  const configArgs = options.config ? ['--config', configFile] : [];
  const program = start(
    process.execPath,
    [SALLYPORT, 'up', '--json', '--listen', '127.0.0.1:0', ...configArgs, ...(options.args ?? [])],
    { cwd: folder.path, env: environment(folder, options.env) },
  );
  const ready = await readyLine(program).catch(async (error: unknown) => {
    await program.stop(2000);
    folder.remove();
    throw error;
  });
  const endpoint = String(ready['endpoint']);
  const { origin, port } = new URL(endpoint);
  const { token } = ready;
  const stop = async (graceMs?: number): Promise<Ending> => {
    const ending = await program.stop(graceMs);
    folder.remove();
    return ending;
  };
  return {
    endpoint,
    origin,
    port: Number(port),
    token: typeof token === 'string' ? token : undefined,
    home: folder.path,
    configFile,
    pid: program.pid,
    program,
    ready,
    writeConfig,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** A home that is empty, no colours, and nothing of the machine's own settings. */
export function environment(
  folder: TemporaryFolder,
  more: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env;
  return {
    PATH,
    TMPDIR,
    NODE_COMPILE_CACHE: COMPILED,
    HOME: folder.path,
    SALLYPORT_HOME: join(folder.path, 'home'),
    ...more,
  };
}

async function readyLine(program: Program): Promise<Record<string, unknown>> {
  let over = false;
  void program.ended.then(() => (over = true));
  const line = await eventually(
    'the gateway is ready',
    () => {
      if (over) throw new Error(`the gateway ended instead of getting ready:\n${program.stderr()}`);
      return /^(.*)\n/.exec(program.stdout())?.[1];
    },
    30_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${program.stdout()}${program.stderr()}`, { cause: error });
  });
  return JSON.parse(line) as Record<string, unknown>;
}

/** The config entry of a `child.mjs` with the given options. */
export function child(...args: readonly string[]): { command: string; args: string[] } {
  return { command: process.execPath, args: [CHILD, ...args] };
}

/** The config entry of a stdio server that came as an npm package. */
export function packaged(
  name: 'server-everything' | 'server-filesystem',
  ...args: readonly string[]
): { command: string; args: string[] } {
  const script = join(ROOT, 'node_modules', '@modelcontextprotocol', name, 'dist', 'index.js');
  return { command: process.execPath, args: [script, ...args] };
}

/** Runs the command to its end. */
export async function sallyport(
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>>; input?: string; timeoutMs?: number } = {},
): Promise<Ending & { stdout: string; stderr: string }> {
  using folder = temporaryFolder();
  const program = start(process.execPath, [SALLYPORT, ...args], {
    cwd: options.cwd ?? folder.path,
    env: environment(folder, options.env),
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  const timer = setTimeout(() => void program.stop(0), options.timeoutMs ?? 30_000);
  const ending = await program.ended;
  clearTimeout(timer);
  return { ...ending, stdout: program.stdout(), stderr: program.stderr() };
}
