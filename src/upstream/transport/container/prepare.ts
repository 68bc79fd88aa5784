import { randomUUID } from 'node:crypto';
import type { ExecContainer, RunContainer } from '../../../config/container.ts';
import type { Prepared } from '../prepared.ts';
import { execArguments, runArguments } from './arguments.ts';
import type { Egress } from './egress/egress.ts';
import { PROXY_VARIABLES } from './egress/variables.ts';
import { type Engine, findEngine } from './engine.ts';
import { passageOf } from './environment.ts';
import { endMarked, MARK_VARIABLE, newMark } from './exec-children.ts';
import { endLeftPrograms, removeLeftContainers } from './left-behind.ts';
import { LABELS, ownerOf, processMark } from './owner.ts';
import { PrivateFolder } from './private-folder.ts';
import { removeRun } from './remove.ts';

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
  return 'exec' in container ? prepareExec(container, engine, owner) : prepareRun(container, engine, owner);
}

async function prepareRun(container: RunContainer, engine: Engine, owner: Owner): Promise<Prepared> {
  await removeLeftContainers(engine, owner.home);
  const isListed = typeof container.network !== 'string';
  const { named, file } = passageOf({ ...(isListed && PROXY_VARIABLES), ...container.env });
  const run = randomUUID();
  const folder = await PrivateFolder.make();
  const egress = await egressOf(container, folder);
  const args = runArguments(container, {
    cidFile: folder.cidFile,
    labels: labelsOf(owner, run),
    envNames: Object.keys(named),
    envFile: await folder.keep(file),
  });
  return {
    // There, since podman leaves a note where it was started when a container runs out of memory.
    command: { ...commandOf(engine, args, named), cwd: folder.path },
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

async function prepareExec(container: ExecContainer, engine: Engine, { home }: Owner): Promise<Prepared> {
  const inside = { engine, container: container.exec, user: container.user };
  await endLeftPrograms(inside, home);
  const mark = newMark(home);
  const { named, file } = passageOf({ ...container.env, [MARK_VARIABLE]: mark });
  const folder = file === '' ? undefined : await PrivateFolder.make();
  const envFile = await folder?.keep(file);
  const args = execArguments(container, { envNames: Object.keys(named), envFile });
  return {
    command: commandOf(engine, args, named),
    async tidy() {
      await folder?.remove();
      await endMarked(inside, mark);
    },
  };
}

function commandOf(
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
