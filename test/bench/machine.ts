import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

import { REPOSITORY } from './folders.ts';
import { pin, TASKSET } from './linux.ts';

export interface Machine {
  date: string;
  cpu: string;
  cores: number;
  memoryBytes: number;
  kernel: string;
  node: string;
  commit: string;
}

export function describeMachine(): Machine {
  const git = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: REPOSITORY, encoding: 'utf8' });
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: `Linux ${release()}`,
    node: process.version,
    commit: git.stdout?.trim() || 'unknown',
  };
}

/** Throws where the benchmark cannot be run as it is defined. */
export function requirePinning({ server, load }: { server: number; load: number }): void {
  if (process.platform !== 'linux')
    throw new Error('The benchmark reads /proc and pins cores: it needs Linux.');
  if (server === load) throw new Error('Server and load need a core each.');
  for (const core of [server, load]) {
    const { error, status } = spawnSync(TASKSET, pin(core, ['true']));
    if (error)
      throw new Error('taskset is not there; on Debian: apt-get install util-linux', { cause: error });
    if (status !== 0) throw new Error(`Core ${core} cannot be used; choose two others with --cores.`);
  }
}
