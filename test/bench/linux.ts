/** What the kernel counts, read from /proc. */
import { readFileSync, readdirSync } from 'node:fs';

/** The unit of CPU times in /proc: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Stat {
  parent: number;
  cpuSeconds: number;
}

/** `undefined` for a process that has ended. */
function stat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the command's name in parentheses and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  return { parent: parent ?? 0, cpuSeconds: ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND };
}

/** Seconds of CPU that a process has used, user and system, all its threads. */
export function cpuSeconds(pid: number): number {
  return stat(pid)?.cpuSeconds ?? 0;
}

/** The process and all that come from it. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? stat(pid)?.parent : undefined;
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings) siblings.push(pid);
    else children.set(parent, [pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Resident memory in bytes: now, and the most there ever was. */
export function memory(pid: number): { resident: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const kibibytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN);
  return { resident: kibibytes('VmRSS') * 1024, peak: kibibytes('VmHWM') * 1024 };
}

/** Seconds that the given cores have been busy since the machine started, whoever used them. */
export function busySeconds(cores: readonly number[]): number {
  const lines = readFileSync('/proc/stat', 'latin1').split('\n');
  let ticks = 0;
  for (const core of cores) {
    const line = lines.find((candidate) => candidate.startsWith(`cpu${core} `));
    if (!line) throw new Error(`This machine has no core ${core}; choose others with --cores.`);
    const [user, nice, system, , , irq, softirq, steal] = line.split(' ').slice(1).map(Number);
    ticks += [user, nice, system, irq, softirq, steal].reduce<number>((sum, n) => sum + (n ?? 0), 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** The program that runs a command line on one core, and its arguments. */
export const TASKSET = 'taskset';
export function pin(core: number, command: readonly string[]): string[] {
  return ['-c', String(core), ...command];
}
