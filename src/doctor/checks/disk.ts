import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, type InsideCheck, ok, warn } from '../check.ts';

const MIB = 1024 * 1024;
const FEW = 512 * MIB;
const TOO_FEW = 32 * MIB;

export const disk: InsideCheck = {
  name: 'disk',
  side: 'inside',
  looksAt: 'the space where the home is',
  symptoms: [
    {
      sees: 'calls are answered with audit_unavailable, or tokens cannot be made',
      cause: 'The disk is full.',
      remedy: 'make space on the disk of the home, or rotate the audit log elsewhere',
    },
  ],
  async look({ home }) {
    const { bavail, bsize } = await statfs(nearest(home));
    const free = bavail * bsize;
    const says = `${Math.floor(free / MIB)} MiB free for ${home}`;
    const fix = `df -h '${nearest(home)}'   and make space there`;
    if (free < TOO_FEW) return fail(says, fix);
    return free < FEW ? warn(says, fix) : ok(says);
  },
};

/** The path, or the first folder above it that there is. */
function nearest(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearest(dirname(path));
}
