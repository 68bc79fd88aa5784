import type { Command } from 'commander';
import type { AddCommands } from './group.ts';

/** What servers say of themselves, and who agreed to it. */
export const pinCommands: AddCommands = (program, { terminal, finish }) => {
  const pins = program
    .command('pins')
    .summary('see and agree to what servers changed')
    .description(
      'Tools, prompts, resource templates and instructions are pinned as they were when they were seen first. What changed waits in sallyport.lock until somebody agrees to it.',
    );
  const add = (name: string, summary: string): Command =>
    pins
      .command(name)
      .summary(summary)
      .option(
        '-c, --config <file>',
        'the config that says where the lock file is (default: ./sallyport.yaml)',
      )
      .option('--file <lock>', 'the lock file itself');

  add('list', 'what is pinned, and what waits')
    .description('Shows how much of each server is pinned, and what waits to be agreed to.')
    .option('--json', 'the same as JSON')
    .action(async (options) => {
      const { listPins } = await import('../commands/pins.ts');
      finish(await listPins(options, terminal));
    });

  add('diff', 'what changed')
    .description(
      'Shows line by line what servers say now and what was agreed to. Ends with 1 when something waits.',
    )
    .argument('[server]', 'only of this one')
    .option('--json', 'the same as JSON')
    .action(async (server: string | undefined, options) => {
      const { diffPins } = await import('../commands/pins.ts');
      finish(await diffPins(server, options, terminal));
    });

  add('accept', 'agree to what changed')
    .description('Agrees to what a server says now. A gateway that runs takes it over within a second.')
    .argument('<server>', 'of which server')
    .argument('[name...]', 'only of these tools, prompts or templates (default: everything that waits)')
    .action(async (server: string, names: string[], options) => {
      const { acceptPins } = await import('../commands/pins.ts');
      finish(await acceptPins(server, names, options, terminal));
    });
};
