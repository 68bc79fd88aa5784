import type { ConnectClientOptions } from '../commands/connect-client.ts';
import type { ImportOptions } from '../commands/import.ts';
import type { AddCommands } from './group.ts';

/** `sallyport connect-client` and `sallyport import` */
export const clientFileCommands: AddCommands = (program, { terminal, finish }) => {
  program
    .command('connect-client')
    .summary('connect Claude, Cursor, Codex and others')
    .description(
      "Prints what a client needs to connect to this endpoint, or puts it into the client's own file. Without a name: which clients there are.",
    )
    .argument('[client]', 'claude-code, claude-desktop, cursor, vscode, codex, gemini, windsurf, zed, …')
    .option('--write', "put it into the client's file: what else is there stays, and is kept beside it")
    .option('--file <file>', 'another file of that client, such as that of a project')
    .option('--name <name>', 'what the client calls it', 'sallyport')
    .option('--url <url>', 'the endpoint (default: the gateway of this home)')
    .option('--token <token>', 'its token (default: SALLYPORT_TOKEN, else that of this home)')
    .option('--no-token', 'write none: the client logs in with OAuth')
    .option('--json', '{"id", "title", "snippets", "note"}, or {"clients": [{"id", "title", "file"}]}')
    .action(async (client: string | undefined, options: ConnectClientOptions) => {
      const { connectClient } = await import('../commands/connect-client.ts');
      finish(await connectClient(client, options, terminal));
    });

  program
    .command('import')
    .summary("take servers out of other clients' files")
    .description(
      'Takes the servers out of the files of other clients into a config of its own, which keeps its comments. Servers that are there already stay as they are.',
    )
    .argument('[source]', 'a client, or a file (default: every client that is here)')
    .option('--out <file>', 'the config', 'sallyport.yaml')
    .option('--write', 'write it, instead of showing what would change')
    .option('--json', '{"file", "added", "left": [{"file", "name", "why"}]}')
    .action(async (source: string | undefined, options: ImportOptions) => {
      const { importServers } = await import('../commands/import.ts');
      finish(await importServers(source, options, terminal));
    });
};
