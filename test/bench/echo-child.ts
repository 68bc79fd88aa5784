import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { FOLDER, HERE } from './folders.ts';

/** The command of the echo child: compiled if there is a gcc, which is faster, else in Node. */
export function buildEchoChild(): { command: string[]; description: string } {
  const source = join(HERE, 'echo-child.c');
  const program = join(FOLDER, 'echo-child');
  mkdirSync(FOLDER, { recursive: true });
  const fresh = existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs;
  if (!fresh) {
    const { error, status, stderr } = spawnSync('gcc', ['-O2', '-o', program, source], { encoding: 'utf8' });
    if (error) {
      const script = join(HERE, 'echo-child.mjs');
      return { command: [process.execPath, script], description: 'Node (no gcc found)' };
    }
    if (status !== 0) throw new Error(`gcc could not compile ${source}:\n${stderr}`);
  }
  return { command: [program], description: 'C, gcc -O2' };
}
