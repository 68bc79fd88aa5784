import { execFile } from 'node:child_process';
import { ENGINES, type EngineName } from '../../../config/container.ts';
import { childEnvironment } from '../process.ts';

/** A container engine as a command: `docker`, `podman`, or a path to one of them, with its own options. */
export interface Engine {
  readonly name: EngineName;
  readonly command: string;
  /** Options before the subcommand, such as `--context`. */
  readonly globals: readonly string[];
  /** What its client is given besides what every child is. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where the client finds its engine, its registries and the credentials for them. Of no use to other servers. */
const ENGINE_VARIABLES = [
  'CONTAINERS_CONF',
  'CONTAINERS_REGISTRIES_CONF',
  'CONTAINERS_STORAGE_CONF',
  'CONTAINER_CONNECTION',
  'CONTAINER_HOST',
  'CONTAINER_SSHKEY',
  'DBUS_SESSION_BUS_ADDRESS',
  'DOCKER_API_VERSION',
  'DOCKER_CERT_PATH',
  'DOCKER_CONFIG',
  'DOCKER_CONTEXT',
  'DOCKER_HOST',
  'DOCKER_TLS_VERIFY',
  'REGISTRY_AUTH_FILE',
  'SSH_AUTH_SOCK',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
];

/** How long an engine may take to answer a question, in milliseconds. */
const ANSWER_MS = 20_000;

/** What an engine's client needs of our own environment. */
export function engineEnvironment(): Record<string, string> {
  const set = ENGINE_VARIABLES.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(set.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The engine that answered last time, by what was asked for. */
const found = new Map<EngineName | 'any', Engine>();

/**
 * The engine that is there: docker where one answers, since a `docker` without an engine is found often; else podman.
 * @throws {Error} with what to do, when none answers
 */
export async function findEngine(wanted: EngineName | undefined): Promise<Engine> {
  const known = found.get(wanted ?? 'any');
  if (known) return known;
  const refusals: string[] = [];
  for (const name of wanted === undefined ? ENGINES : [wanted]) {
    const engine: Engine = { name, command: name, globals: [], env: engineEnvironment() };
    // Docker's client has a version without an engine, and so is asked for the engine's.
    const format = name === 'docker' ? '{{.Server.Version}}' : '{{.Client.Version}}';
    const { code, stderr } = await ask(engine, ['version', '--format', format]);
    if (code === 0) {
      found.set(wanted ?? 'any', engine);
      return engine;
    }
    refusals.push(`${name}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  }
  throw new Error(`no container engine answers (${refusals.join('; ')}): start docker, or install podman`);
}

/** How a command of the engine went. */
export interface Answer {
  /** Its exit code; 127 when it could not be started, or took too long. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the engine to its end. Never rejects. */
export function ask({ command, globals, env }: Engine, args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(
      command,
      [...globals, ...args],
      { env: childEnvironment(env), timeout: ANSWER_MS, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error ? 127 : 0;
        const reason = error?.code === 'ENOENT' ? 'it is not installed' : (error?.message ?? '');
        resolve({ code, stdout, stderr: stderr === '' ? reason : stderr });
      },
    );
  });
}
