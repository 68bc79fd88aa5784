import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { eventually, type Program, ROOT, SALLYPORT, start, temporaryFolder } from './processes.ts';

/** A page, and the folder beside it, copied, whose commands run as the page says them. */
export interface Recipe extends AsyncDisposable {
  /** The copy. */
  readonly folder: string;
  readonly home: string;
  /** What its programs get, for one that a test starts itself. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Runs a command of the page to its end, and gives back what it printed on stdout.
   * @throws when the page has no such command, or when it fails
   */
  run(command: string, env?: Readonly<Record<string, string>>, input?: string): Promise<string>;
  /** Starts the `sallyport up` of the page, on a free port (or this one) instead of the one that the page says. */
  up(command: string, port?: number): Promise<Served>;
  /** Starts another command of the page that goes on until it is stopped. */
  begin(command: string, env?: Readonly<Record<string, string>>): Program;
  /** Writes the next of the files that the page shows, those whose first line is `# NAME`. */
  writeNext(): void;
  /** The commands of the page that the test has run neither way: none, at the end of a test. */
  unused(): string[];
}

export interface Served {
  readonly endpoint: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly program: Program;
}

/**
 * @param name the folder in `examples/`
 * @param ours what takes the place of the names that stand for somebody's own, such as `https://mcp.example.com`, on the
 *   page and in its files. The test still says the commands as they stand there.
 */
export function openRecipe(name: string, ours: Readonly<Record<string, string>> = {}): Recipe {
  return open(name, join(ROOT, 'examples', name), 'README.md', ours);
}

/** The same of a page of `docs/`, which has no folder. */
export function openGuide(page: string, ours: Readonly<Record<string, string>> = {}): Recipe {
  return open(page, undefined, join(ROOT, 'docs', page), ours);
}

function open(
  name: string,
  from: string | undefined,
  file: string,
  ours: Readonly<Record<string, string>>,
): Recipe {
  const place = temporaryFolder();
  const folder = join(place.path, 'copy');
  const home = join(place.path, 'home');
  const replaced = (text: string): string =>
    Object.entries(ours).reduce((done, [its, our]) => done.replaceAll(its, our), text);
  if (from === undefined) mkdirSync(folder);
  else cpSync(from, folder, { recursive: true });
  for (const each of readdirSync(folder).filter((entry) => /\.(?:ya?ml|json)$/.test(entry)))
    writeFileSync(join(folder, each), replaced(readFileSync(join(folder, each), 'utf8')));
  const bin = programs(place.path);
  const page = readFileSync(resolve(folder, file), 'utf8');
  const commands = commandsOf(page);
  const shown = [...page.matchAll(/^```\w+\n# (\S+\.\w+)\n(.*?)^```/gms)];
  const used = new Set<string>();
  const programsStarted: Program[] = [];

  const own = {
    PATH: [bin, process.env['PATH']].join(delimiter),
    HOME: place.path,
    SALLYPORT_HOME: home,
  };

  const launch = (command: string, env: Readonly<Record<string, string>>, input = '', port = 0): Program => {
    if (!commands.includes(command)) throw new Error(`the page of ${name} does not say: ${command}`);
    used.add(command);
    const program = start(
      'bash',
      [
        '--norc',
        '-euo',
        'pipefail',
        '-c',
        replaced(command).replace(/\bsallyport up\b/, `$& --json --listen 127.0.0.1:${port}`),
      ],
      {
        cwd: folder,
        env: { ...own, ...env },
        input,
      },
    );
    programsStarted.push(program);
    return program;
  };

  return {
    folder,
    home,
    env: own,
    async run(command, env = {}, input = '') {
      const program = launch(command, env, input);
      const { code } = await program.ended;
      if (code !== 0)
        throw new Error(`${command}\nended with ${code}:\n${program.stdout()}${program.stderr()}`);
      return program.stdout();
    },
    async up(command, port = 0) {
      const program = launch(command, {}, '', port);
      let isOver = false;
      void program.ended.then(() => (isOver = true));
      const line = await eventually(
        `${command} is ready`,
        () => {
          if (isOver) throw new Error(`${command} ended:\n${program.stderr()}`);
          return /^(.*)\n/.exec(program.stdout())?.[1];
        },
        30_000,
      );
      const { endpoint, listening, token } = JSON.parse(line) as {
        endpoint: string;
        listening?: { port: number };
        token?: string;
      };
      return { endpoint, port: listening?.port ?? Number(new URL(endpoint).port), token, program };
    },
    begin: (command, env = {}) => launch(command, env),
    writeNext() {
      const [, path = '', text = ''] = shown.shift() ?? [];
      if (path === '') throw new Error(`the page of ${name} shows no further file`);
      writeFileSync(join(folder, path), replaced(text));
    },
    unused: () => commands.filter((command) => !used.has(command)),
    async [Symbol.asyncDispose]() {
      await Promise.all(programsStarted.map((program) => program.stop()));
      place.remove();
    },
  };
}

/** What stands in the shell blocks of a page, a command a line; a backslash at its end joins the next. */
export function commandsOf(page: string): string[] {
  return [...page.matchAll(/^ *```sh\n(.*?)^ *```/gms)]
    .flatMap(([, block = '']) => block.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/\s+#\s.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * The programs that a page takes for granted, as this checkout has them: `sallyport`; `npx` and `npm install`, which
 * take from `node_modules` what they would fetch.
 */
function programs(place: string): string {
  const bin = join(place, 'bin');
  mkdirSync(bin);
  const modules = join(ROOT, 'node_modules');
  const write = (name: string, script: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  write('sallyport', `exec '${process.execPath}' '${SALLYPORT}' "$@"`);
  write('npx', `[ "$1" = -y ] && shift; name=\${1##*/}; shift; exec '${modules}/.bin/mcp-'"$name" "$@"`);
  write(
    'npm',
    `[ "$1" = install ] || exit 1; shift
[ "$1" = -g ] && exit 0
for name; do [ "$name" = sallyport ] || [ -d '${modules}/'"$name" ] || { echo "no $name here" >&2; exit 1; }; done
mkdir node_modules && ln -s '${modules}/'* node_modules/ && ln -s '${ROOT}' node_modules/sallyport`,
  );
  if (!existsSync(join(bin, 'node'))) symlinkSync(process.execPath, join(bin, 'node'));
  return bin;
}
