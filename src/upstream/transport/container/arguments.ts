import { createHash } from 'node:crypto';
import type { ExecContainer, Mount, RunContainer } from '../../../config/container.ts';

/** What the command line of a container is made of besides its configuration. */
export interface Slip {
  /** Names of variables that the client hands on from its own environment. */
  readonly envNames: readonly string[];
  /** A file with those that the client must not have itself. */
  readonly envFile?: string | undefined;
}

export interface RunSlip extends Slip {
  /** The engine writes the container's id here. The file must not be there yet. */
  readonly cidFile: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** How much the private `/tmp` holds. It counts as memory. */
const TMP_SIZE = '64m';

/**
 * `docker run …` for a server's container, without `docker`. What stands here without a condition is the same for every
 * container, and each has its sentence in docs/containers.md.
 */
export function runArguments(container: RunContainer, slip: RunSlip): string[] {
  const { image, command, args, env, mounts, network, memory, cpus, pids, user } = container;
  return [
    'run',
    '--rm',
    '--interactive',
    '--init',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--read-only',
    `--tmpfs=/tmp:rw,noexec,nosuid,nodev,mode=1777,size=${TMP_SIZE}`,
    // The engine would keep every message of the protocol in a file.
    '--log-driver=none',
    // With an allow-list there is no network either: the one way out is made by hand.
    `--network=${network === 'egress' ? 'bridge' : 'none'}`,
    `--pids-limit=${pids}`,
    ...(memory === undefined ? [] : [`--memory=${memory}b`]),
    ...(cpus === undefined ? [] : [`--cpus=${cpus}`]),
    ...(user === undefined ? [] : [`--user=${user}`]),
    `--cidfile=${slip.cidFile}`,
    ...Object.entries(slip.labels).map(([name, value]) => `--label=${name}=${value}`),
    ...mounts.map((mount) => `--mount=${mountOf(mount)}`),
    // The root is read-only, and a user without a name has / for a home.
    ...(Object.hasOwn(env, 'HOME') ? [] : ['--env=HOME=/tmp']),
    ...environment(slip),
    ...(command === undefined ? [] : [`--entrypoint=${command}`]),
    image,
    ...args,
  ];
}

/** `docker exec …` for a program in a container that runs, without `docker`. */
export function execArguments(container: ExecContainer, slip: Slip): string[] {
  const { exec, command, args, user } = container;
  return [
    'exec',
    '--interactive',
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...environment(slip),
    exec,
    command,
    ...args,
  ];
}

function environment({ envNames, envFile }: Slip): string[] {
  const file = envFile === undefined ? [] : [`--env-file=${envFile}`];
  return [...file, ...envNames.map((name) => `--env=${name}`)];
}

/** `--mount`, not `--volume`: a source that is not there is an error, not a new folder of root's. */
function mountOf({ source, target, write }: Mount): string {
  const type = source.startsWith('/') ? 'bind' : 'volume';
  return [`type=${type}`, `source=${source}`, `target=${target}`, ...(write ? [] : ['readonly'])].join(',');
}

/** A name for what must not be readable in it: the same for the same, and nothing else. */
export function fingerprint(...words: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 32);
}
