import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AddCommands } from './group.ts';

const FIELDS = 'user, client, path, address, status, method or agent';

/** Reading the access log: the same options for every command. */
export const accessCommands: AddCommands = (program, { terminal, finish }) => {
  const access = program
    .command('access')
    .summary('ask the access log')
    .description(
      "Reads the access log that a gateway keeps when its config says `accessLog: { file: access.jsonl }`, or nginx's with the same fields; rotated and gzipped files as well.",
    );
  const add = (name: string, summary: string): Command =>
    access
      .command(name)
      .summary(summary)
      .option('-c, --config <file>', 'the config that says where the log is (default: ./sallyport.yaml)')
      .option('--file <log>', 'the log itself')
      .option('--since <time>', 'how far back: 30m, 2h, 7d, or a date', '1h')
      .option('--status <status>', 'only these: 429, or 5xx')
      .option('--json', 'for programs');
  const counting = (name: string, summary: string, field: string): Command =>
    add(name, summary)
      .argument('[field]', FIELDS, field)
      .addOption(new Option('--limit <n>', 'how many').argParser(count).default(10));

  add('tail', 'the last requests, and what comes')
    .description('Shows the last requests, and with -f those that come.')
    .option('-f, --follow', 'go on until it is stopped')
    .addOption(new Option('-n, --lines <n>', 'how many').argParser(count).default(20))
    .action(async (options) => {
      const { accessTail } = await import('../commands/access.ts');
      finish(await accessTail(options, terminal));
    });

  counting('top', 'who or what comes most often', 'user')
    .description('Counts requests by a field, those with the most first.')
    .action(async (field: string, options) => {
      const { accessTop } = await import('../commands/access.ts');
      finish(await accessTop(field, options, terminal));
    });

  counting('slow', 'what takes more than a second', 'path')
    .description(
      'Shows what takes longer than a second on average, the slowest first. Streams that stay open are left out.',
    )
    .option('--over <time>', 'longer than this on average', '1s')
    .action(async (field: string, options) => {
      const { accessSlow } = await import('../commands/access.ts');
      finish(await accessSlow(field, options, terminal));
    });

  counting('errors', 'what was refused or failed', 'path')
    .description('Counts what was answered with 4xx and 5xx, and shows the users who got the most 429.')
    .action(async (field: string, options) => {
      const { accessErrors } = await import('../commands/access.ts');
      finish(await accessErrors(field, options, terminal));
    });
};

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('It is a whole number from 1 on.');
}
