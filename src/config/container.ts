import { isAbsolute, normalize, resolve } from 'node:path';
import { z } from 'zod';
import { count, processText, readable, reading, variableName } from './fields.ts';
import { parseSize, type Reading } from './units.ts';

/** A server in a container that the gateway starts and takes away again. */
export interface RunContainer {
  /** With `@sha256:…` at its end where a digest is asked for. */
  readonly image: string;
  /** In place of what the image would start; undefined: the image's own. */
  readonly command: string | undefined;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** With an allow-list: the only hosts that it reaches. */
  readonly network: 'none' | 'egress' | { readonly egress: readonly string[] };
  /** Bytes. */
  readonly memory: number | undefined;
  readonly cpus: number | undefined;
  readonly pids: number;
  /** UID, UID:GID or a name; undefined: whom the image names. */
  readonly user: string | undefined;
  readonly engine: EngineName | undefined;
}

/** A program in a container that somebody else has started. */
export interface ExecContainer {
  /** The name or the id of the container. */
  readonly exec: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Undefined: the container's own. */
  readonly user: string | undefined;
  readonly engine: EngineName | undefined;
}

/** A folder, a file or a volume that the container sees. */
export interface Mount {
  /** An absolute path, or the name of a volume. */
  readonly source: string;
  readonly target: string;
  readonly write: boolean;
}

export const ENGINES = ['docker', 'podman'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Nobody in particular: the number that images without a root user have settled on. */
export const NOBODY = '65532:65532';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** Whoever can write to one of these is root on the machine of the engine. */
const ENGINE_SOCKET = /(?:^|\/)(?:docker|podman|containerd|crio)\.sock$/;

// What begins with a dash would be an option of the engine.
const word = (what: string, pattern: RegExp) =>
  z
    .string()
    .check(
      readable((text) => (pattern.test(text) ? { value: text } : { problem: `This cannot be ${what}.` })),
    );

const engine = z
  .enum(ENGINES)
  .optional()
  .describe('Which engine. Default: docker where one answers, else podman.');
const args = z.array(processText).default([]);
const env = z
  .record(variableName, processText)
  .default({})
  .describe('Variables for its environment. Never shown, and never among the arguments of a process.');
const user = word('a user', /^\w[\w.-]*(?::\w[\w.-]*)?$/);

const mount = z
  .strictObject({
    source: mountText().describe(
      "A file or folder, relative to the configuration's; or, without a slash, the name of a volume.",
    ),
    target: mountText()
      .check(
        readable((path) =>
          isAbsolute(path) && normalize(path) !== '/'
            ? { value: path }
            : { problem: 'This is not an absolute path below / in the container.' },
        ),
      )
      .describe('Where the container sees it. An absolute path.'),
    write: z.boolean().default(false).describe('true lets the container write to it.'),
  })
  .check(
    readable(({ source }) =>
      ENGINE_SOCKET.test(source)
        ? {
            problem: 'With the socket of an engine the container would be root on this machine.',
            hint: 'Give the server what it needs in another way.',
          }
        : { value: source },
    ),
  );

const runContainer = z
  .strictObject({
    image: word('the name of an image', /^[a-z0-9][\w./:-]*(?:@sha256:[0-9a-f]{64})?$/).describe(
      'The image, such as ghcr.io/org/server:1.2.',
    ),
    command: processText.optional().describe("The program to start, in place of the image's entrypoint."),
    args: args.describe("Its arguments; without command, those of the image's entrypoint."),
    env,
    mounts: z.array(mount).default([]).describe('What the container sees of this machine.'),
    network: z
      .union([
        z.enum(['none', 'egress']),
        z.strictObject({
          egress: z
            .array(word('a host', /^(?:\*\.)?(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\])(?::\d{1,5})?$/i))
            .min(1)
            .describe('HOST, which means port 443, HOST:PORT, or *.HOST for the names below it.'),
        }),
      ])
      .default('none')
      .describe(
        'none: not even a name can be looked up. egress: it reaches whatever this machine reaches. {egress: [HOST, …]}: these, and nothing else.',
      ),
    memory: limit(parseMemory, '1GiB').describe('The most memory. 512MiB, 512m, or unlimited.'),
    cpus: limit(parseCpus, 1).describe('The most processor time, in processors. 0.5, or unlimited.'),
    pids: count(256).describe('The most processes and threads.'),
    user: user
      .default(NOBODY)
      .describe('UID, UID:GID or a name of the image; image: whom the image names, who may be root.'),
    digest: z
      .string()
      .check(
        readable((text) =>
          text === 'required' || DIGEST.test(text)
            ? { value: text }
            : {
                problem: 'This is neither "required" nor a digest.',
                hint: 'sha256: and 64 hexadecimal digits.',
              },
        ),
      )
      .optional()
      .describe(
        'sha256:…, the only content the image may have; or required: the image must name its own, NAME@sha256:….',
      ),
    engine,
  })
  .check(
    readable(({ image, digest }) => {
      const own = image.split('@')[1];
      if (digest === 'required' && own === undefined) {
        const hint = 'The engine shows it: docker image inspect --format "{{.RepoDigests}}" IMAGE.';
        return { problem: 'The image names no digest, and one is required: NAME@sha256:….', hint };
      }
      if (own === undefined || digest === undefined || digest === 'required' || own === digest)
        return { value: image };
      return { problem: 'The image and the key "digest" name two digests.', hint: 'Keep one of the two.' };
    }),
  );

const execContainer = z.strictObject({
  exec: word('the name of a container', /^[A-Za-z0-9][\w.-]*$/).describe(
    'The container, which runs already.',
  ),
  command: processText.describe('The program to start in it.'),
  args: args.describe('Its arguments.'),
  env,
  user: user.optional().describe("Whom to run it as. Default: the container's user."),
  engine,
});

/** The key `container` of a server. */
export const containerKey = z
  .union([runContainer, execContainer])
  .describe(
    'A container to start (image, command, args, env, mounts, network, memory, cpus, pids, user, digest, engine), or one that runs, and the program to start in it (exec, command, args, env, user, engine). Each key, and what a container may do by default, is in containers.md.',
  );

export type ContainerEntry = z.output<typeof containerKey>;

/**
 * The container as the gateway starts it.
 * @param folder what relative paths start from
 */
export function resolveContainer(entry: ContainerEntry, folder: string): RunContainer | ExecContainer {
  if ('exec' in entry) return { ...entry, user: entry.user, engine: entry.engine };
  const { image, digest, command, user: chosen, mounts, engine: named, ...rest } = entry;
  return {
    ...rest,
    image: pinned(image, digest),
    command,
    user: chosen === 'image' ? undefined : chosen,
    mounts: mounts.map((one) => ({
      ...one,
      source: one.source.includes('/') ? resolve(folder, one.source) : one.source,
    })),
    engine: named,
  };
}

/** Beside a digest a tag says nothing, and podman takes only one of the two. */
function pinned(image: string, digest: string | undefined): string {
  const [name = '', own] = image.split('@');
  const wanted = own ?? (digest === 'required' ? undefined : digest);
  return wanted === undefined ? image : `${name.replace(/:[^:/]*$/, '')}@${wanted}`;
}

/** The engines read a mount as a line of comma-separated values. */
function mountText() {
  return processText.check(
    readable((text) =>
      /^[^,"\r\n]+$/.test(text)
        ? { value: text }
        : { problem: 'A path without commas, quotes and line breaks must stand here.' },
    ),
  );
}

/** A number of something, or `unlimited`. */
function limit(read: (input: string | number) => Reading<number>, preset: string | number) {
  return z
    .union([z.number(), z.string()])
    .transform(
      reading((input): Reading<number | undefined> =>
        input === 'unlimited' ? { value: undefined } : read(input),
      ),
    )
    .prefault(preset);
}

/** Docker's `512m` is read as docker reads it. More than a buffer of ours can have: it is not ours. */
function parseMemory(text: string | number): Reading<number> {
  const [, digits, unit = ''] =
    /^(\d{1,9}(?:\.\d{1,3})?)\s?([kmgt]?)(?:i?b)?$/i.exec(String(text).trim()) ?? [];
  const size = Number(digits) * 1024 ** ' kmgt'.indexOf(unit.toLowerCase() || ' ');
  if (digits === undefined) {
    const wrong = parseSize(text);
    return 'problem' in wrong ? wrong : { problem: 'This is not a size.' };
  }
  return size >= 6 * 1024 ** 2
    ? { value: Math.floor(size) }
    : { problem: 'No engine starts a container with less than 6MiB.' };
}

function parseCpus(text: string | number): Reading<number> {
  const cpus = typeof text === 'number' ? text : /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return cpus >= 0.01 && cpus <= 1024
    ? { value: cpus }
    : { problem: 'This is not a number of processors from 0.01 to 1024.' };
}
