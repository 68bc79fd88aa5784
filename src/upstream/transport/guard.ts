import { type ChildProcess, spawn } from 'node:child_process';

/**
 * What happens to the children when the gateway is gone without a farewell (`kill -9`, out of memory): a server that
 * keeps to the protocol ends with its stdin, but one that hangs, or that has left others behind, would stay for ever.
 *
 * So one shell, less than 2 MB of it, listens at the end of a pipe. It is told the process groups that run, and when
 * the pipe is closed, which the system does for whoever dies, it ends those that are left. It ignores what a terminal or
 * an init system sends to everybody, since it has to be the last to go.
 */
const SCRIPT = `trap '' HUP INT TERM
groups=
while read -r what group; do
  case $what in
    +) groups="$groups $group" ;;
    -) rest=
       for each in $groups; do [ "$each" = "$group" ] || rest="$rest $each"; done
       groups=$rest ;;
  esac
done
[ -z "$groups" ] && exit
sleep 1
for each in $groups; do kill -s TERM -- "-$each"; done 2>/dev/null
sleep 2
for each in $groups; do kill -s KILL -- "-$each"; done 2>/dev/null
`;

/** The process groups that run. */
const groups = new Set<number>();
let guard: ChildProcess | undefined;

/** From now on this group does not outlive the gateway. */
export function watchOver(group: number): void {
  if (process.platform === 'win32') return;
  groups.add(group);
  if (guard) tell('+', group);
  else guard = startGuard();
}

/** Nothing is left of this group; its number may become another one's. */
export function letGo(group: number): void {
  if (groups.delete(group)) tell('-', group);
}

function startGuard(): ChildProcess {
  // In a session of its own: a Ctrl-C in the terminal is not for it.
  const child = spawn('/bin/sh', ['-c', SCRIPT], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
  });
  // A system without a shell has no guard; then the end of stdin is all there is.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.on('exit', () => {
    if (guard === child) guard = undefined;
  });
  // It must not keep the gateway running.
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  for (const group of groups) child.stdin.write(`+ ${group}\n`);
  return child;
}

function tell(what: '+' | '-', group: number): void {
  const { stdin } = guard ?? {};
  if (stdin?.writable) stdin.write(`${what} ${group}\n`);
}
