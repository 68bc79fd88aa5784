import { basename } from 'node:path';
import type { EngineName } from '../../../config/container.ts';

/** A command of an mcp.json that starts something in a container: `docker run …`, `podman exec …`. */
export type EngineCommand = RunCommand | ExecCommand;

interface OfEngine {
  readonly name: EngineName;
  /** The engine's own options, before `run` or `exec`. */
  readonly globals: readonly string[];
}

export interface RunCommand extends OfEngine {
  readonly verb: 'run';
  /** `run`, or `container run`. */
  readonly words: readonly string[];
  /** Its options, the image and what follows. */
  readonly rest: readonly string[];
  /** Where it has the id written already. */
  readonly cidFile: string | undefined;
}

export interface ExecCommand extends OfEngine {
  readonly verb: 'exec';
  readonly words: readonly string[];
  readonly rest: readonly string[];
  readonly container: string;
  readonly user: string | undefined;
}

/**
 * Options of the two engines' command lines that stand alone. Every other one has a value, in the same word after `=` or
 * in the next. From `docker --help` (28) and `podman --help` (4 and 5).
 */
const ALONE = {
  globals: setOf('-D --debug --tls --tlsverify -r --remote --syslog --transient-store --noout --trace'),
  run: setOf(
    `-d --detach -i --interactive -t --tty -P --publish-all -q --quiet --init --rm --rmi --privileged --read-only
     --read-only-tmpfs --no-healthcheck --oom-kill-disable --sig-proxy --disable-content-trust --use-api-socket
     --replace --env-host --http-proxy --no-hosts --no-hostname --passwd --rootfs --unsetenv-all --tls-verify`,
  ),
  exec: setOf('-d --detach -i --interactive -t --tty --privileged -l --latest --no-session'),
};

/** Is this a command of an engine, whatever follows? Costs nothing, for all the commands that are none. */
export function isEngine(command: string): boolean {
  return engineName(command) !== undefined;
}

/** What a command line starts in a container; undefined where it does something else, which is left alone. */
export function readCommandLine(command: string, args: readonly string[]): EngineCommand | undefined {
  const name = engineName(command);
  if (name === undefined) return undefined;
  const { end } = options(args, ALONE.globals);
  const globals = args.slice(0, end);
  const words = args[end] === 'container' ? args.slice(end, end + 2) : args.slice(end, end + 1);
  const verb = words.at(-1);
  const rest = args.slice(end + words.length);
  if (verb === 'run') {
    const found = options(rest, ALONE.run);
    return { name, globals, verb, words, rest, cidFile: found.values.get('--cidfile') };
  }
  if (verb !== 'exec') return undefined;
  const found = options(rest, ALONE.exec);
  const container = rest[found.end];
  if (container === undefined) return undefined;
  return {
    name,
    globals,
    verb,
    words,
    rest,
    container,
    user: found.values.get('--user') ?? found.values.get('-u'),
  };
}

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/));
}

function engineName(command: string): EngineName | undefined {
  const program = basename(command.replaceAll('\\', '/')).replace(/\.exe$/i, '');
  return program === 'docker' || program === 'podman' ? program : undefined;
}

/** Reads options up to the first word that is none. */
function options(
  words: readonly string[],
  alone: ReadonlySet<string>,
): { end: number; values: ReadonlyMap<string, string> } {
  const values = new Map<string, string>();
  let at = 0;
  for (;;) {
    const word = words[at];
    if (word === undefined || !word.startsWith('-') || word === '-') return { end: at, values };
    at += 1;
    if (word === '--') return { end: at, values };
    const [, long, inline] = /^(--[^=]+)(?:=([^]*))?$/.exec(word) ?? [];
    if (long !== undefined) {
      if (inline !== undefined) values.set(long, inline);
      else if (!alone.has(long)) values.set(long, words[at++] ?? '');
      continue;
    }
    // `-it`, `-iu root`, `-uroot`: letters that stand alone, and at the end perhaps one with a value.
    const letters = word.slice(1).split('');
    const index = letters.findIndex((letter) => !alone.has(`-${letter}`));
    if (index < 0) continue;
    const value = letters.slice(index + 1).join('');
    values.set(`-${letters[index]}`, value === '' ? (words[at++] ?? '') : value.replace(/^=/, ''));
  }
}
