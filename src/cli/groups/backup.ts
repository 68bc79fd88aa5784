import type { AddCommands } from './group.ts';

const PASSPHRASE = 'a file with the passphrase, for its owner only; default: asked for, or stdin';

/** `sallyport backup`, `sallyport restore` */
export const backupCommands: AddCommands = (program, { terminal, finish }) => {
  program
    .command('backup')
    .summary('the home and the config, in one encrypted file')
    .description(
      'Writes all that a gateway is made of into one file: tokens, users, keys, certificates, pins, the audit log, the config. It is encrypted with a passphrase. A gateway may run meanwhile.',
    )
    .argument('[file]', 'where to; default: sallyport-DATE.backup here')
    .option('-c, --config <file>', 'the config; default: the one that is here')
    .option('--passphrase-file <file>', PASSPHRASE)
    .option('--force', 'write over a file that is there')
    .option('--json', '{"file", "bytes", "home", "config", "notes"}')
    .action(async (file: string | undefined, options: object) => {
      const { backup } = await import('../commands/backup.ts');
      finish(await backup(file, options, terminal));
    });

  program
    .command('restore')
    .summary('put a backup back')
    .description(
      'Puts a backup back: the home to its place, the config into the working directory. All of it, or nothing; not while a gateway runs.',
    )
    .argument('<file>', 'what `sallyport backup` wrote')
    .option('--passphrase-file <file>', PASSPHRASE)
    .option('--force', 'in place of a home and a config that are there; the old home is kept beside it')
    .option('--list', 'only show what is in it')
    .option('--json', '{"home", "before", "config", "files"}; with --list {"files": [{"path", "bytes"}]}')
    .action(async (file: string, options: object) => {
      const { restore } = await import('../commands/restore.ts');
      finish(await restore(file, options, terminal));
    });
};
