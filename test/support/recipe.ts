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
import { delimiter, join } from 'node:path';
import { eventually, type Program, ROOT, SALLYPORT, start, temporaryFolder } from './processes.ts';

/** A folder of `examples/`, copied, whose commands run as its page says them. */
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
  run(command: string, env?: Readonly<Record<string, string>>): Promise<string>;
  /** Starts the `sallyport up` of the page, on a free port instead of the one that the page says. */
  up(command: string, env?: Readonly<Record<string, string>>): Promise<Served>;
  /** Starts another command of the page that goes on until it is stopped. */
  begin(command: string, env?: Readonly<Record<string, string>>): Program;
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
  const place = temporaryFolder();
  const folder = join(place.path, name);
  const home = join(place.path, 'home');
  const replaced = (text: string): string =>
    Object.entries(ours).reduce((done, [from, to]) => done.replaceAll(from, to), text);
  cpSync(join(ROOT, 'examples', name), folder, { recursive: true });
  for (const file of readdirSync(folder).filter((each) => /\.(?:ya?ml|json)$/.test(each)))
    writeFileSync(join(folder, file), replaced(readFileSync(join(folder, file), 'utf8')));
  const bin = programs(place.path);
  const commands = commandsOf(readFileSync(join(folder, 'README.md'), 'utf8'));
  const used = new Set<string>();
  const programsStarted: Program[] = [];

  const own = {
    PATH: [bin, process.env['PATH']].join(delimiter),
    HOME: place.path,
    SALLYPORT_HOME: home,
  };

  const launch = (command: string, suffix: string, env: Readonly<Record<string, string>>): Program => {
    if (!commands.includes(command)) throw new Error(`the page of ${name} does not say: ${command}`);
    used.add(command);
    const program = start('bash', ['--norc', '-euo', 'pipefail', '-c', replaced(command) + suffix], {
      cwd: folder,
      env: { ...own, ...env },
    });
    programsStarted.push(program);
    return program;
  };

  return {
    folder,
    home,
    env: own,
    async run(command, env = {}) {
      const program = launch(command, '', env);
      const { code } = await program.ended;
      if (code !== 0)
        throw new Error(`${command}\nended with ${code}:\n${program.stdout()}${program.stderr()}`);
      return program.stdout();
    },
    async up(command, env = {}) {
      const program = launch(command, ' --json --listen 127.0.0.1:0', env);
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
    begin: (command, env = {}) => launch(command, '', env),
    unused: () => commands.filter((command) => !used.has(command)),
    async [Symbol.asyncDispose]() {
      await Promise.all(programsStarted.map((program) => program.stop()));
      place.remove();
    },
  };
}

/** What stands in the shell blocks of a page, a command a line; a backslash at its end joins the next. */
export function commandsOf(page: string): string[] {
  return [...page.matchAll(/^```sh\n(.*?)^```/gms)]
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
for name; do [ "$name" = sallyport ] || [ -d '${modules}/'"$name" ] || { echo "no $name here" >&2; exit 1; }; done
mkdir node_modules && ln -s '${modules}/'* node_modules/ && ln -s '${ROOT}' node_modules/sallyport`,
  );
  if (!existsSync(join(bin, 'node'))) symlinkSync(process.execPath, join(bin, 'node'));
  return bin;
}
