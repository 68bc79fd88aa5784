import { type FileHandle, open, stat } from 'node:fs/promises';

const LOOK_MS = 300;
const CHUNK = 64 * 1024;

/**
 * The lines that are written to a log from now on, also when it is rotated away (another file takes its name) or cut
 * back to nothing.
 * @param wait resolves after so many milliseconds, or when it is stopped
 */
export async function* follow(
  path: string,
  wait: (ms: number) => Promise<void>,
  stopped: AbortSignal,
): AsyncGenerator<string> {
  let file = await openOr(path);
  // What took its name. Until something does, whoever writes goes on with the old one.
  let next: FileHandle | undefined;
  let at = file ? (await file.stat()).size : 0;
  let rest = '';
  try {
    while (!stopped.aborted) {
      if (!next) await wait(LOOK_MS);
      if (file && (await file.stat()).size < at) at = 0;
      for (let read = await readAt(file, at); read.length > 0; read = await readAt(file, at)) {
        at += read.length;
        // Bytes of a character that is cut in two are put together again before they are read.
        const parts = (rest + read.toString('latin1')).split('\n');
        rest = (parts.pop() ?? '').slice(0, CHUNK);
        for (const part of parts) yield Buffer.from(part, 'latin1').toString('utf8');
      }
      if (next) {
        // What was still written to the old one has been read.
        await file?.close();
        file = next;
        next = undefined;
        at = 0;
        rest = '';
      } else if (!file || !(await isStill(path, file))) next = await openOr(path);
    }
  } finally {
    await file?.close();
    await next?.close();
  }
}

function openOr(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch(() => undefined);
}

async function readAt(file: FileHandle | undefined, at: number): Promise<Buffer> {
  if (!file) return Buffer.alloc(0);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, at);
  return buffer.subarray(0, bytesRead);
}

/** Is this file the one that has the name now? */
async function isStill(path: string, file: FileHandle): Promise<boolean> {
  const [named, own] = await Promise.all([stat(path).catch(() => undefined), file.stat()]);
  return named?.ino === own.ino && named.dev === own.dev;
}
