import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockFile } from './lock-file.ts';
import { type Notice, PinBoard } from './pins.ts';

/** A board over a lock file of its own. */
export function board(mode: 'warn' | 'enforce' = 'enforce') {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-pins-'));
  const path = join(folder, 'sallyport.lock');
  const notices: Notice[] = [];
  const open = (): PinBoard =>
    new PinBoard({ file: new LockFile(path), mode, tell: (notice) => notices.push(notice) });
  return { path, notices, open, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
