import type { NewServerOptions } from '../commands/new-server.ts';
import type { AddCommands } from './group.ts';

/** `sallyport new …` */
export const newCommands: AddCommands = (program, { terminal, finish }) => {
  program
    .command('new')
    .summary('begin an MCP server of your own')
    .description('Begins something of your own.')
    .command('server')
    .summary('a small MCP server with a test, a Dockerfile and its config')
    .description(
      'Writes a small MCP server into a folder of its name: one tool, a test, a Dockerfile, a page on it, and the config that serves it. Nothing is written over. Its entry for a config elsewhere goes to stdout.',
    )
    .argument('<name>', 'what it is called')
    .option('--python', 'in Python, for uv (default: in TypeScript, for Node)')
    .action(async (name: string, options: NewServerOptions) => {
      const { newServer } = await import('../commands/new-server.ts');
      finish(await newServer(name, options, terminal));
    });
};
