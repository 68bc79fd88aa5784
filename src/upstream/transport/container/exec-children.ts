import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, ask, type Engine } from './engine.ts';
import { ownerOf, processMark } from './owner.ts';

/**
 * A process that `docker exec` started does not end with its client, and no command of the engine ends it. So each gets
 * a variable with a value of its own, which everything it starts inherits, and by which all of them are found again in
 * the container's /proc.
 */
export const MARK_VARIABLE = 'SALLYPORT_EXEC';

/** A value of that variable, which says whose it is: OWNER/PROCESS/ID. */
export function newMark(home: string | undefined): string {
  return [ownerOf(home) ?? '', processMark(), randomUUID()].join('/');
}

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

/** For any shell: prints what of all environments begins with $1. */
const LIST_MARKS = `cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -F "$1" | sort -u`;

/** The marks of an owner that there are in a container. */
export async function marksIn(inside: Inside, owner: string): Promise<string[]> {
  const { stdout } = await shell(inside, LIST_MARKS, [`${MARK_VARIABLE}=${owner}/`]);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(MARK_VARIABLE.length + 1)]));
}

/**
 * Sends a signal to everything with this mark.
 * @returns how many processes that were
 */
async function signal(inside: Inside, mark: string, name: string): Promise<number> {
  const { container } = inside;
  const { code, stdout, stderr } = await shell(inside, SIGNAL_MARKED, [`${MARK_VARIABLE}=${mark}`, name]);
  if (code === 0) return Number(stdout.trim());
  // Whatever ran in it has ended with it.
  if (/no such container|no container with|not running|container state improper/i.test(stderr)) return 0;
  throw new Error(
    `what was started in the container ${container} may still run there: ${stderr.trim() || `exit code ${code}`}`,
  );
}

/** Runs a script in the container. What it looks for stands in its arguments, so that it does not find itself. */
function shell(
  { engine, container, user }: Inside,
  script: string,
  words: readonly string[],
): Promise<Answer> {
  const asUser = user === undefined ? [] : ['--user', user];
  return ask(engine, ['exec', ...asUser, container, '/bin/sh', '-c', script, 'sh', ...words]);
}
