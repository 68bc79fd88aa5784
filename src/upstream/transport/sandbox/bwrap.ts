import type { Sandbox } from '../../../config/sandbox.ts';
import type { Command } from '../process.ts';

/**
 * A command inside of bubblewrap. What it is kept from is in docs/containers.md, a sentence each.
 * @param isThere does this path exist? Where a name server is configured differs from system to system.
 */
export function sandboxed(command: Command, sandbox: Sandbox, isThere: (path: string) => boolean): Command {
  const { network, write } = sandbox;
  const cwd = command.cwd;
  const resolver = '/run/systemd/resolve';
  const words = [
    // A sandbox that outlived the gateway would be nobody's.
    ['--die-with-parent'],
    // Otherwise it could put words into our terminal (TIOCSTI).
    ['--new-session'],
    // User, pid, network, IPC, host name and cgroup namespaces of its own. bubblewrap always sets no_new_privs.
    ['--unshare-all'],
    // --unshare-all only tries to have a user namespace; here it must.
    ['--unshare-user'],
    network ? ['--share-net'] : [],
    ['--cap-drop', 'ALL'],
    ['--ro-bind', '/', '/'],
    ['--dev', '/dev'],
    ['--proc', '/proc'],
    ['--tmpfs', '/tmp'],
    // The sockets of docker, D-Bus and the user's session: connecting to one is not writing, and leads out of here.
    ['--tmpfs', '/run'],
    network && isThere(resolver) ? ['--ro-bind', resolver, resolver] : [],
    // A program that lives beneath /tmp would not find itself.
    cwd?.startsWith('/tmp/') ? ['--ro-bind', cwd, cwd] : [],
    ...write.map((folder) => ['--bind', folder, folder]),
    ['--setenv', 'TMPDIR', '/tmp'],
    cwd === undefined ? [] : ['--chdir', cwd],
    ['--', command.command, ...command.args],
  ];
  return {
    ...command,
    command: 'bwrap',
    args: words.flat(),
  };
}
