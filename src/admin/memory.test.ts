import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { memoryOf } from './memory.ts';

let child: ChildProcess | undefined;
afterEach(() => {
  child?.stdin?.end();
  child = undefined;
});

/** Holds memory until its standard input ends, wherever it has gone. */
const HOLD_64_MB = `const held = Buffer.alloc(64 << 20, 1); console.log('held');
  process.stdin.resume().on('end', () => process.exit(held.length > 0 ? 0 : 1));`;

async function start(script: string): Promise<number> {
  child = spawn('/bin/sh', ['-c', script, 'sh', process.execPath, HOLD_64_MB], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (!child.stdout || child.pid === undefined) throw new Error('no child');
  await once(child.stdout, 'data');
  return child.pid;
}

describe('memoryOf', () => {
  it('is nothing for nobody', async () => {
    expect(await memoryOf([])).toEqual(new Map());
  });

  it.each([
    ['a child of the process that was started', '"$1" -e "$2"; true'],
    ['one that was left by its parent, in the same group', '("$1" -e "$2" <&3 &) 3<&0; exec cat'],
    ['one in a session of its own', 'setsid "$1" -e "$2"; true'],
  ])('counts %s', async (_what, script) => {
    const pid = await start(script);
    const memory = await memoryOf([pid, 999_999_999]);
    expect([...memory.keys()]).toEqual([pid]);
    expect(memory.get(pid)).toBeGreaterThan(64 << 20);
    expect(memory.get(pid)).toBeLessThan(512 << 20);
  });
});
