import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { fingerprint } from './arguments.ts';

/** Labels of what the gateway started. */
export const LABELS = {
  /** Which installation: this machine and this home of Sallyport. */
  owner: 'dev.sallyport.owner',
  /** Which process of it, as `processMark` writes it. */
  process: 'dev.sallyport.process',
  /** Which start of a server. */
  run: 'dev.sallyport.run',
  server: 'dev.sallyport.server',
} as const;

/** @param home the folder of the gateway's state; without one, nothing that it left behind can be told for its own */
export function ownerOf(home: string | undefined): string | undefined {
  return home === undefined ? undefined : fingerprint(hostname(), home);
}

/** This process, told apart from a later one that gets the same pid. */
export function processMark(): string {
  return `${process.pid}:${startOf(process.pid) ?? ''}`;
}

/** Does the process still run that wrote this mark? */
export function isRunning(mark: string): boolean {
  const [digits = '', start] = mark.split(':');
  const pid = Number(digits);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (startOf(pid) ?? '') === start;
}

/** When a process began, in the kernel's ticks; undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // proc(5): field 22. The second one, in brackets, may contain spaces and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
