import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process of this machine. */
interface Entry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly kibibytes: number;
}

/**
 * The resident memory of servers in bytes, by the pid of the process that was started for each. What `npx` or `bwrap`
 * start counts with them: a server is a process group of its own, and all that descends from it. Pages that processes
 * share count for each of them. Empty where the system does not tell.
 */
export async function memoryOf(servers: readonly number[]): Promise<ReadonlyMap<number, number>> {
  if (servers.length === 0) return new Map();
  const entries = process.platform === 'linux' ? await fromProc() : await fromPs();
  const byPid = new Map(entries.map((entry) => [entry.pid, entry]));
  const wanted = new Set(servers);
  const memory = new Map<number, number>();
  for (const entry of entries) {
    const server = serverOf(entry, wanted, byPid);
    if (server !== undefined) memory.set(server, (memory.get(server) ?? 0) + entry.kibibytes * 1024);
  }
  return memory;
}

function serverOf(
  entry: Entry,
  servers: ReadonlySet<number>,
  byPid: ReadonlyMap<number, Entry>,
): number | undefined {
  const seen = new Set<number>();
  for (let at: Entry | undefined = entry; at && !seen.has(at.pid); at = byPid.get(at.parent)) {
    if (servers.has(at.group)) return at.group;
    // Read at different moments, parents can go round in a circle.
    seen.add(at.pid);
  }
  return undefined;
}

async function fromProc(): Promise<Entry[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  // Processes end while they are read.
  const all = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')));
  return all.flatMap((text) => {
    const number = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
    // Of the numbers of NSpgid the first is that of our own pid namespace (proc(5)).
    return complete(number('Pid'), number('PPid'), number('NSpgid'), number('VmRSS'));
  });
}

async function fromPs(): Promise<Entry[]> {
  const columns = ['-A', '-o', 'pid=,ppid=,pgid=,rss='];
  const { stdout } = await promisify(execFile)('ps', columns).catch(() => ({ stdout: '' }));
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, group, kibibytes] = line.trim().split(/\s+/).map(Number);
    return complete(pid, parent, group, kibibytes);
  });
}

/** Threads of the kernel have no memory of their own, and what has just ended has nothing at all. */
function complete(pid?: number, parent?: number, group?: number, kibibytes?: number): Entry[] {
  if (!pid || parent === undefined || !group || !kibibytes) return [];
  return [{ pid, parent, group, kibibytes }];
}
