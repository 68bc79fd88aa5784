import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';
import type { Terminal } from './terminal.ts';

/**
 * A value that must stand in no command line, where every user of the machine and the shell's history would see it: typed
 * at a prompt that shows nothing, or the whole of stdin, without one line break at its end.
 */
export async function hiddenInput(prompt: string, { stdin, stderr }: Terminal): Promise<string> {
  if (!stdin.isTTY) return (await text(stdin)).replace(/\r?\n$/, '');
  // With `terminal`, the reading line turns the echo of the terminal off and does its own, which goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 });
  // Not before the echo is off.
  stderr.write(prompt);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new Failure(EXIT.INTERRUPTED, 'interrupted')));
      lines.once('close', () => reject(new Failure(EXIT.FAILED, 'nothing was typed')));
    });
  } finally {
    lines.close();
    stderr.write('\n');
  }
}
