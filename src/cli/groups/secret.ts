import type { AddCommands } from './group.ts';

/** `sallyport secret …` */
export const secretCommands: AddCommands = (program, { terminal, finish }) => {
  const secret = program
    .command('secret')
    .summary('keep secrets for the config')
    .description(
      'Keeps secrets in the home, encrypted, for a config that names them by ${secret:NAME}. Their values are never shown again.',
    );

  secret
    .command('set')
    .summary('keep a secret')
    .description(
      'Keeps a secret. The value is read from stdin, or typed at a prompt that does not show it; it has no place in a command line.',
    )
    .argument('<name>', 'what the config calls it: letters, digits, _, - and .')
    .action(async (name: string) => {
      const { setSecret } = await import('../commands/secret.ts');
      finish(await setSecret(name, terminal));
    });

  secret
    .command('list')
    .alias('ls')
    .summary('show the names')
    .description('Shows the names of the secrets and when they were last changed.')
    .option('--json', '{"secrets": [{"name", "created", "changed"}]}')
    .action(async (options: { json?: boolean }) => {
      const { listSecrets } = await import('../commands/secret.ts');
      finish(await listSecrets(options, terminal));
    });

  secret
    .command('rm')
    .summary('forget a secret')
    .description(
      'Forgets a secret. A gateway that runs keeps what it has read until it reads its config again.',
    )
    .argument('<name>', 'which one')
    .action(async (name: string) => {
      const { removeSecret } = await import('../commands/secret.ts');
      finish(await removeSecret(name, terminal));
    });
};
