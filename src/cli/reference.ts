import type { Command } from 'commander';
import { commandPath, everyCommand } from './command-path.ts';
import { EXAMPLES } from './examples.ts';
import { EXIT, EXIT_MEANINGS } from './exit-codes.ts';

const INTRODUCTION = `# The command line

<!-- Written by src/cli/reference.ts. To change it, change the program and run:
     npx vitest run src/cli/reference.test.ts -u -->

Data goes to stdout and talk to stderr, so that every command can stand in a pipe. Nothing ever waits for an answer from a
keyboard. \`--json\` is on whatever reads.
`;

const READY = `## The ready line of \`up --json\`

Once the gateway listens and every server is ready or has failed (or the time for starting is over), one line is written
to stdout:

\`\`\`json
{
  "event": "ready",
  "version": "0.1.0",
  "endpoint": "http://127.0.0.1:8080/mcp",
  "listening": { "host": "127.0.0.1", "port": 8080 },
  "token": "sp_…",
  "pid": 4711,
  "source": "./sallyport.yaml",
  "servers": [{ "name": "net", "kind": "builtin", "state": "ready" }],
  "warnings": [],
  "notes": [],
  "clients": { "claude-code": [{ "kind": "command", "text": "claude mcp add …" }] }
}
\`\`\`

\`token\` is null with \`--no-auth\`. A server that failed has \`detail\` and \`stderrTail\`. \`warnings\` says what is open or
unsafe. \`endpoint\` is what clients use, \`listening\` where a proxy finds it. With TLS of its own there
are \`certificates\`, with what is wrong with one. More fields may come; none goes away or changes its meaning within a major version.

While it runs, a changed config file or \`SIGHUP\` reloads the config: changed servers restart, the others keep their
sessions, and a config with mistakes is refused with its findings while serving goes on. \`SIGINT\` and \`SIGTERM\` let calls
under way finish first; another Ctrl-C does not wait.
`;

const ENVIRONMENT = [
  [
    '`SALLYPORT_HOME`',
    'Where the token and other state live, mode 0700. Default: the data folder of the platform.',
  ],
  [
    '`SALLYPORT_TOKEN`',
    'The token of `tools`, `call` and `connect`, kept out of the process list and the history of the shell.',
  ],
  ['`SALLYPORT_CLIENT_SECRET`', 'The secret that goes with `--client-id` of `login` and `connect`.'],
  ['`BROWSER`', 'The program that `login` opens its page with.'],
  ['`SALLYPORT_DEBUG`', 'As `--verbose`: shows where an error comes from.'],
  ['`NO_COLOR`', 'No colour (https://no-color.org).'],
  ['`FORCE_COLOR`', 'Colour even into a pipe; `0` turns it off.'],
];

const TOKEN_RULE = `The token of this home is sent to the gateway of this home only. For any other \`--url\`, name one with \`--token\` or
\`SALLYPORT_TOKEN\`.
`;

/** docs/cli.md, from the definitions of the program. */
export function cliReference(program: Command): string {
  const exitCodes = Object.entries(EXIT).map(([name, code]) => [
    String(code),
    EXIT_MEANINGS[name as keyof typeof EXIT],
  ]);
  return [
    INTRODUCTION,
    ...everyCommand(program).map(section),
    READY,
    tableSection('Environment', ['Variable', 'What it does'], ENVIRONMENT),
    TOKEN_RULE,
    tableSection('Exit codes', ['Code', 'Meaning'], exitCodes),
  ].join('\n');
}

function section(command: Command): string {
  const help = command.createHelp();
  const items = [
    ...help
      .visibleArguments(command)
      .map((argument) => item(help.argumentTerm(argument), help.argumentDescription(argument))),
    ...help
      .visibleOptions(command)
      .map((option) => item(help.optionTerm(option), help.optionDescription(option))),
  ];
  const examples = (EXAMPLES.get(commandPath(command)) ?? []).flatMap(([line, what]) => [`# ${what}`, line]);
  return [
    `## \`${help.commandUsage(command)}\``,
    '',
    help.commandDescription(command),
    '',
    ...items,
    '',
    '```sh',
    ...examples,
    '```',
    '',
  ].join('\n');
}

function item(term: string, description: string): string {
  return `- \`${term}\`: ${description}`;
}

/** A table with its columns filled up, as the formatter of the repository wants it. */
function tableSection(title: string, head: string[], rows: string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const ruler = widths.map((width) => '-'.repeat(width));
  return [`## ${title}`, '', ...[head, ruler, ...rows].map(line), ''].join('\n');
}
