import { plainServerName } from './server-name.ts';

/** Programs that only start another one, and the words after them that are part of that. */
const LAUNCHERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['npx', []],
  ['npm', ['exec', 'x']],
  ['pnpm', ['dlx', 'exec']],
  ['pnpx', []],
  ['yarn', ['dlx', 'exec']],
  ['bunx', []],
  ['bun', ['x', 'run']],
  ['uvx', []],
  ['uv', ['tool', 'run']],
  ['pipx', ['run']],
  ['node', []],
  ['tsx', []],
  ['deno', ['run']],
  ['python', []],
  ['python3', []],
  ['py', []],
  ['docker', ['container', 'run']],
  ['podman', ['container', 'run']],
  ['cmd', []],
  ['env', []],
  ['sudo', []],
]);

/** Options of launchers that take the next word with them; others are told by their `=`, or stand alone. */
const WITH_VALUE: ReadonlySet<string> = new Set(
  [
    '-e --env --env-file -v --volume --mount --name --network --net -u --user -w --workdir -l --label --memory',
  ]
    .concat([
      '--cpus --platform --entrypoint --hostname --directory --from --with --python --import -r --require',
    ])
    .flatMap((options) => options.split(' ')),
);

/** File and folder names that say nothing of what the program is. */
const NONDESCRIPT =
  /^(?:index|main|server|cli|app|start|run|mcp|stdio|dist|build|out|lib|src|bin|__main__)$/i;

/**
 * A server's name out of its command: `npx -y @modelcontextprotocol/server-everything stdio` is `server-everything`,
 * `node weather/dist/index.js` is `weather`, `docker run -i --rm mcp/time:1.0` is `time`.
 */
export function nameOfCommand(argv: readonly string[]): string {
  return plainServerName(stem(programOf(argv))) ?? 'server';
}

/** The word that says which program runs: the first that is not a launcher, an option or the value of one. */
function programOf(argv: readonly string[]): string {
  let launcher: string | undefined;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (launcher !== undefined) {
      if (WITH_VALUE.has(word)) at++;
      if (/^[-/][^/]*$/.test(word) || /^\w+=/.test(word)) continue;
      if (LAUNCHERS.get(launcher)?.includes(word)) continue;
    }
    const program = baseName(word)
      .replace(/\.(?:exe|cmd|bat)$/i, '')
      .toLowerCase();
    if (!LAUNCHERS.has(program)) return word;
    launcher = program;
  }
  return argv[0] ?? '';
}

/** The telling part of a path, package or image: without scope, version, tag, digest and extension. */
function stem(program: string): string {
  const parts = program
    .split(/[/\\]/)
    .map((part) =>
      part
        .replace(/(?<=.)@.*$/, '')
        .replace(/:.*$/, '')
        .replace(/(?<=.)\.(?:[cm]?[jt]s|py|sh|exe|cmd|bat)$/i, ''),
    )
    .filter((part) => part !== '' && part !== '.' && part !== '..' && !part.startsWith('@'));
  return parts.findLast((part) => !NONDESCRIPT.test(part)) ?? parts.at(-1) ?? '';
}

function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}
