import { InvalidArgumentError, Option } from 'commander';
import type { CreateOptions } from '../commands/token.ts';
import type { AddCommands } from './group.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000],
]);
/** Ten years. */
const LONGEST_MS = 3650 * 86_400_000;

/** `sallyport token …` */
export const tokenCommands: AddCommands = (program, { terminal, finish }) => {
  const token = program
    .command('token')
    .summary('make and revoke tokens')
    .description(
      'Makes, lists, revokes and rotates tokens of this gateway. A gateway that runs knows of it within a second.',
    );

  token
    .command('create')
    .summary('make a token')
    .description('Makes a token and prints it: once, since only its hash is kept.')
    .requiredOption('--name <name>', 'what it is called; rules know it as a client')
    .option('--scope <scopes>', 'what it is for, with spaces between them (default: everything)')
    .addOption(
      new Option('--expires <time>', 'until it ends: 30m, 12h, 90d, 52w (default: never)').argParser(
        lifetime,
      ),
    )
    .option('--user <user>', 'on whose behalf it speaks, for rules and servers')
    .option('--role <roles>', 'roles of that user, with spaces between them')
    .option('--json', '{"name", "token", "scopes", "expires"} on stdout')
    .action(async (options: CreateOptions) => {
      const { createToken } = await import('../commands/token.ts');
      finish(await createToken(options, terminal));
    });

  token
    .command('list')
    .summary('show the tokens')
    .description(
      'Shows the tokens that were made: names, scopes, when they end and when they were last used.',
    )
    .option('--json', '{"tokens": [{"name", "scopes", "created", "expires", "lastUsed"}]}')
    .action(async (options: { json?: boolean }) => {
      const { listTokens } = await import('../commands/token.ts');
      finish(await listTokens(options, terminal));
    });

  token
    .command('revoke')
    .summary('end a token')
    .description('Ends a token, within a second also in a gateway that runs.')
    .argument('<name>', 'which one')
    .action(async (name: string) => {
      const { revokeToken } = await import('../commands/token.ts');
      finish(await revokeToken(name, terminal));
    });

  token
    .command('rotate')
    .summary('put another token in its place')
    .description('Makes another token of the same name and rights, prints it, and ends the old one.')
    .argument('<name>', 'which one')
    .option('--json', '{"name", "token"} on stdout')
    .action(async (name: string, options: { json?: boolean }) => {
      const { rotateToken } = await import('../commands/token.ts');
      finish(await rotateToken(name, options, terminal));
    });
};

/** Milliseconds. */
function lifetime(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS.get(unit) ?? Number.NaN);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new InvalidArgumentError('It is a number and m, h, d or w, ten years at most: 90d.');
}
