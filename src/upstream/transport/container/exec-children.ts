import { setTimeout as delay } from 'node:timers/promises';
import { ask, type Engine } from './engine.ts';

/**
 * A process that `docker exec` started does not end with its client, and no command of the engine ends it. So each gets
 * a variable with a value of its own, which everything it starts inherits, and by which all of them are found again in
 * the container's /proc.
 */
export const MARK_VARIABLE = 'SALLYPORT_EXEC';

/** Time for what was asked to end, in milliseconds. */
const GRACE_MS = 2000;
const PAUSE_MS = 100;

/** Where the processes are, and who may end them: whoever they run as. */
export interface Inside {
  readonly engine: Engine;
  readonly container: string;
  readonly user: string | undefined;
}

/**
 * Ends everything in the container that has this mark, gently first.
 * @throws {Error} when that cannot be done, or was not enough
 */
export async function endMarked(inside: Inside, mark: string): Promise<void> {
  const deadline = performance.now() + GRACE_MS;
  if ((await signal(inside, mark, 'TERM')) === 0) return;
  while (performance.now() < deadline) {
    await delay(PAUSE_MS);
    if ((await signal(inside, mark, '0')) === 0) return;
  }
  await signal(inside, mark, 'KILL');
  await delay(PAUSE_MS);
  const left = await signal(inside, mark, '0');
  if (left > 0) throw new Error(`${left} processes in the container ${inside.container} could not be ended`);
}

/**
 * For any shell: signals the processes whose environment has the line $1 with $2, and says how many. The environment
 * ends its lines with NUL, which not every `grep` can look across.
 */
const SIGNAL_MARKED = `
n=0
for f in /proc/[0-9]*/environ; do
  { tr '\\0' '\\n' <"$f" | grep -qxF "$1"; } 2>/dev/null || continue
  p=\${f#/proc/}
  kill -"$2" "\${p%/environ}" 2>/dev/null && n=$((n + 1))
done
echo "$n"
`;

/**
 * Sends a signal to everything with this mark.
 * @returns how many processes that were
 */
async function signal({ engine, container, user }: Inside, mark: string, name: string): Promise<number> {
  // The mark stands in the arguments of this shell, and not in its environment: it does not find itself.
  const asUser = user === undefined ? [] : ['--user', user];
  const words = ['/bin/sh', '-c', SIGNAL_MARKED, 'sh', `${MARK_VARIABLE}=${mark}`, name];
  const { code, stdout, stderr } = await ask(engine, ['exec', ...asUser, container, ...words]);
  if (code === 0) return Number(stdout.trim());
  // Whatever ran in it has ended with it.
  if (/no such container|no container with|not running|container state improper/i.test(stderr)) return 0;
  throw new Error(
    `what was started in the container ${container} may still run there: ${stderr.trim() || `exit code ${code}`}`,
  );
}
