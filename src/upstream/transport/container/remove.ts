import { readFile } from 'node:fs/promises';
import { ask, type Engine } from './engine.ts';
import { isRunning, LABELS } from './owner.ts';

/**
 * Ends the container of one start, however far that start had got: by the id that the engine wrote down, or by its
 * label where the client was killed before it could.
 * @throws {Error} when the container is still there
 */
export async function removeRun(engine: Engine, cidFile: string, run: string): Promise<void> {
  const id = await readFile(cidFile, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  await remove(engine, /^[0-9a-f]{12,64}$/.test(id) ? [id] : await labelled(engine, LABELS.run, run));
}

/**
 * Ends what earlier gateways of this home left behind: nobody could do it for them after a `kill -9`.
 * @returns how many containers that were
 */
export async function reap(engine: Engine, owner: string): Promise<number> {
  const format = `{{.ID}} {{.Label "${LABELS.process}"}}`;
  const filter = `label=${LABELS.owner}=${owner}`;
  const { stdout } = await ask(engine, ['ps', '--all', '--no-trunc', '--filter', filter, '--format', format]);
  const orphans = stdout
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter(([id = '', mark = '']) => id !== '' && !isRunning(mark))
    .map(([id = '']) => id);
  await remove(engine, orphans);
  return orphans.length;
}

async function labelled(engine: Engine, label: string, value: string): Promise<string[]> {
  const filter = `label=${label}=${value}`;
  const { stdout } = await ask(engine, ['ps', '--all', '--no-trunc', '--quiet', '--filter', filter]);
  return stdout.split('\n').filter((line) => line !== '');
}

async function remove(engine: Engine, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  // It was asked to end before; podman would ask again and wait for ten seconds.
  const atOnce = engine.name === 'podman' ? ['--time', '0'] : [];
  const { code, stderr } = await ask(engine, ['rm', '--force', ...atOnce, ...ids]);
  if (code !== 0 && !/no such container|no container with|already in progress/i.test(stderr))
    throw new Error(`a container could not be removed: ${stderr.trim()}`);
}
