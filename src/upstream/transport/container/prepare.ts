import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecContainer, RunContainer } from '../../../config/container.ts';
import type { Prepared } from '../prepared.ts';
import { execArguments, runArguments } from './arguments.ts';
import type { Egress } from './egress/egress.ts';
import { PROXY_VARIABLES } from './egress/variables.ts';
import { type Engine, findEngine } from './engine.ts';
import { passageOf } from './environment.ts';
import { endMarked, MARK_VARIABLE } from './exec-children.ts';
import { LABELS, ownerOf, processMark } from './owner.ts';
import { reap, removeRun } from './remove.ts';

/** Whose containers these are. */
export interface Owner {
  readonly server: string;
  /** The folder of the gateway's state. */
  readonly home: string | undefined;
}

/** A container of a server's own, or a program in another one's. */
export async function prepareContainer(
  container: RunContainer | ExecContainer,
  owner: Owner,
): Promise<Prepared> {
  const engine = await findEngine(container.engine);
  return 'exec' in container ? prepareExec(container, engine) : prepareRun(container, engine, owner);
}

async function prepareRun(container: RunContainer, engine: Engine, owner: Owner): Promise<Prepared> {
  await reapOnce(engine, owner);
  const folder = await PrivateFolder.make();
  const run = randomUUID();
  const egress = await egressOf(container, folder);
  const { named, file } = passageOf({ ...(egress && PROXY_VARIABLES), ...container.env });
  const args = runArguments(container, {
    cidFile: folder.cidFile,
    labels: labelsOf(owner, run),
    envNames: Object.keys(named),
    envFile: await folder.keep(file),
  });
  return {
    command: commandOf(engine, args, named),
    ...(egress && { started: (over: AbortSignal) => egress.open(engine, folder.cidFile, over) }),
    async tidy() {
      egress?.close();
      try {
        await removeRun(engine, folder.cidFile, run);
      } finally {
        await folder.remove();
      }
    },
  };
}

/** Loaded only where a container has an allow-list. */
async function egressOf({ network }: RunContainer, folder: PrivateFolder): Promise<Egress | undefined> {
  if (typeof network === 'string') return undefined;
  const { Egress: Made } = await import('./egress/egress.ts');
  return new Made(network.egress, folder.path);
}

async function prepareExec(container: ExecContainer, engine: Engine): Promise<Prepared> {
  const mark = randomUUID();
  const { named, file } = passageOf({ ...container.env, [MARK_VARIABLE]: mark });
  const folder = file === '' ? undefined : await PrivateFolder.make();
  const envFile = await folder?.keep(file);
  const args = execArguments(container, { envNames: Object.keys(named), envFile });
  return {
    command: commandOf(engine, args, named),
    async tidy() {
      await folder?.remove();
      await endMarked({ engine, container: container.exec, user: container.user }, mark);
    },
  };
}

export function commandOf(
  { command, globals, env }: Engine,
  args: readonly string[],
  named: Readonly<Record<string, string>>,
): Prepared['command'] {
  return { command, args: [...globals, ...args], env: { ...env, ...named } };
}

export function labelsOf({ server, home }: Owner, run: string): Record<string, string> {
  const owner = ownerOf(home);
  return {
    ...(owner !== undefined && { [LABELS.owner]: owner }),
    [LABELS.process]: processMark(),
    [LABELS.run]: run,
    [LABELS.server]: server,
  };
}

const reaped = new Map<string, Promise<number>>();

/** Before the first container of this process: later there is nothing more to find. */
export async function reapOnce(engine: Engine, { home }: Owner): Promise<void> {
  const owner = ownerOf(home);
  if (owner === undefined) return;
  const key = [engine.command, ...engine.globals, owner].join(' ');
  const reaping = reaped.get(key) ?? reap(engine, owner);
  reaped.set(key, reaping);
  // What could not be taken away is in nobody's way: the next gateway tries again.
  await reaping.catch(() => {});
}

/** Where the engine writes the id of a container, and reads variables that must not be arguments. */
export class PrivateFolder {
  readonly path: string;
  /** Not there yet: the engine refuses to write over it. */
  readonly cidFile: string;

  private constructor(path: string) {
    this.path = path;
    this.cidFile = join(path, 'cid');
  }

  static async make(): Promise<PrivateFolder> {
    // mkdtemp(3): mode 0700.
    return new PrivateFolder(await mkdtemp(join(tmpdir(), 'sallyport-container-')));
  }

  /** @returns the path of a file that says this; undefined when there is nothing to say */
  async keep(text: string): Promise<string | undefined> {
    if (text === '') return undefined;
    const path = join(this.path, 'env');
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    return path;
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}
