import type { Engine } from './engine.ts';
import { endMarked, type Inside, marksIn } from './exec-children.ts';
import { isRunning, ownerOf } from './owner.ts';
import { removeLeftFolders } from './private-folder.ts';
import { reap } from './remove.ts';

/** What was looked for already. Later there is nothing more to find: what this process starts, it ends. */
const looked = new Map<string, Promise<unknown>>();

/** Before the first container of this process: removes those that earlier gateways of this home left behind. */
export function removeLeftContainers(engine: Engine, home: string | undefined): Promise<void> {
  const owner = ownerOf(home);
  if (owner === undefined) return Promise.resolve();
  return once([engineKey(engine), owner], async () => {
    await reap(engine, owner);
    await removeLeftFolders();
  });
}

/** The same of programs in a container of somebody else's. */
export function endLeftPrograms(inside: Inside, home: string | undefined): Promise<void> {
  const owner = ownerOf(home);
  if (owner === undefined) return Promise.resolve();
  return once([engineKey(inside.engine), owner, inside.container, inside.user ?? ''], async () => {
    for (const mark of await marksIn(inside, owner)) {
      const [, process = ''] = mark.split('/');
      if (!isRunning(process)) await endMarked(inside, mark);
    }
  });
}

async function once(key: readonly string[], look: () => Promise<unknown>): Promise<void> {
  const name = JSON.stringify(key);
  const looking = looked.get(name) ?? look();
  looked.set(name, looking);
  // What could not be taken away is in nobody's way: the next gateway tries again.
  await looking.catch(() => {});
}

function engineKey({ command, globals }: Engine): string {
  return [command, ...globals].join(' ');
}
