import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

/**
 * The longest path of a Unix domain socket: `sun_path` holds 104 bytes on the BSDs and macOS (108 on Linux), one of them
 * the NUL at the end.
 */
const MAX_PATH = 103;

/** How long a socket may take to answer `connect`, in milliseconds; the kernel does that, not the gateway. */
const CONNECT_MS = 2000;

/** Why there is no admin socket here. */
export class AdminSocketError extends Error {
  override name = 'AdminSocketError';
}

/** Where the gateways of a home have their sockets. */
function socketFolder(home: string): string {
  return join(home, 'run');
}

/**
 * A place for a new socket, in a folder that only its owner may enter: whoever reaches the socket is that owner. Process
 * ids repeat (in every container the gateway is number 1), so they do not do as a name.
 * @throws {AdminSocketError} where there can be none
 */
export async function newSocketPath(home: string): Promise<string> {
  if (process.platform === 'win32') throw new AdminSocketError('there is none on Windows');
  const folder = socketFolder(home);
  const path = join(folder, `${process.pid}-${randomBytes(3).toString('hex')}.sock`);
  if (Buffer.byteLength(path) > MAX_PATH)
    throw new AdminSocketError(
      `${folder} is too long a path for a socket; set SALLYPORT_HOME to a shorter one`,
    );
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return path;
}

/** The sockets behind which somebody listens, the newest first. */
export async function liveSockets(home: string): Promise<string[]> {
  const sockets = await socketsOf(home);
  const live = await Promise.all(sockets.map(({ path }) => answers(path)));
  return sockets.filter((_socket, index) => live[index]).map(({ path }) => path);
}

/** Removes the sockets of gateways that died without doing so. */
export async function removeStaleSockets(home: string): Promise<void> {
  for (const { path } of await socketsOf(home)) if (!(await answers(path))) await rm(path, { force: true });
}

async function socketsOf(home: string): Promise<{ path: string; made: number }[]> {
  const folder = socketFolder(home);
  const names = await readdir(folder).catch(() => []);
  const paths = names.filter((name) => name.endsWith('.sock')).map((name) => join(folder, name));
  const found = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ mtimeMs }) => [{ path, made: mtimeMs }],
        // It has just gone.
        () => [],
      ),
    ),
  );
  return found.flat().toSorted((a, b) => b.made - a.made);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    // A full backlog is somebody who listens and is busy.
    socket.setTimeout(CONNECT_MS, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', (error) => settle('code' in error && error.code === 'EAGAIN'));
  });
}
