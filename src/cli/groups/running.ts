import { InvalidArgumentError, Option } from 'commander';
import type { LogsOptions } from '../commands/logs.ts';
import type { StatusOptions } from '../commands/status.ts';
import type { AddCommands } from './group.ts';

/** `status`, `logs` and `restart`: for the gateway that runs from this home. */
export const runningCommands: AddCommands = (program, { terminal, finish }) => {
  program
    .command('status')
    .summary('show the gateway that runs here')
    .description(
      'Shows the gateway that runs here: its servers, their processes with whose they are and what they cost, sessions, restarts, and what went wrong last.',
    )
    .option('-w, --watch', 'again every two seconds')
    .option('--json', 'everything it knows, as one line of JSON')
    .action(async (options: StatusOptions) => {
      const { status } = await import('../commands/status.ts');
      finish(await status(options, terminal));
    });

  program
    .command('logs')
    .summary('show what a server printed')
    .description(
      'Shows what a server of the gateway that runs here printed on stderr, without the secrets of the config. The last 1000 lines are kept.',
    )
    .argument('<server>', 'its name in the config')
    .option('-f, --follow', 'go on with what it prints from now on')
    .addOption(
      new Option('-n, --lines <count>', 'how many of the last lines').argParser(lineCount).default(100),
    )
    .option('--json', '{"at", "text"} for each line; `at` is in milliseconds since 1970')
    .action(async (server: string, options: LogsOptions) => {
      const { logs } = await import('../commands/logs.ts');
      finish(await logs(server, options, terminal));
    });

  program
    .command('restart')
    .summary('start a server afresh')
    .description(
      'Ends the processes of a server of the gateway that runs here, for all who use it, and starts it again. Calls under way fail; the breaker closes.',
    )
    .argument('<server>', 'its name in the config')
    .action(async (server: string) => {
      const { restart } = await import('../commands/restart.ts');
      finish(await restart(server, terminal));
    });
};

function lineCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number of lines.');
}
