import type { ExplainOptions } from '../commands/explain.ts';
import type { AddCommands } from './group.ts';

/** `sallyport explain` */
export const explainCommand: AddCommands = (program, { terminal, finish }) => {
  program
    .command('explain')
    .summary('which rule decides')
    .description(
      'Says whether somebody may use a tool, prompt, resource or server, and names the rule of the config that decides. Exits with 1 when the answer is no.',
    )
    .option('-c, --config <file>', 'the config (default: ./sallyport.yaml)')
    .option('--as <user>', 'the name or email address of the user')
    .option('--role <roles>', 'his roles, with spaces between them')
    .option('--client <client>', 'the OAuth client, or the name of the token')
    .option('--scope <scopes>', 'what the token is for, with spaces between them (default: everything)')
    .option('--server <name>', 'the server (default: the part of the name before __, else the only one)')
    .option('--tool <name>', 'the tool')
    .option('--args <json>', 'its arguments, for conditions')
    .option('--prompt <name>', 'the prompt')
    .option('--resource <uri>', 'the resource')
    .option('--json', '{"allowed", "rule", "needs"}')
    .action(async (options: ExplainOptions) => {
      const { explain } = await import('../commands/explain.ts');
      finish(await explain(options, terminal));
    });
};
