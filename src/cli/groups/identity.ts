import { Option } from 'commander';
import type { AuthOptions } from '../commands/auth.ts';
import type { CreateClientOptions } from '../commands/client.ts';
import type { AddUserOptions } from '../commands/user.ts';
import type { AddCommands } from './group.ts';

/** `sallyport user …`, `sallyport client …`, `sallyport auth`: the authorization server and who is known to it. */
export const identityCommands: AddCommands = (program, surroundings) => {
  userCommands(program, surroundings);
  clientCommands(program, surroundings);
  authCommand(program, surroundings);
};

const userCommands: AddCommands = (program, { terminal, finish }) => {
  const user = program
    .command('user')
    .summary('who can log in')
    .description(
      'The people who log in at the authorization server of this home. Passwords are typed at a prompt or read from stdin. A gateway that runs knows of a change within a second.',
    );

  user
    .command('add')
    .summary('let somebody in')
    .description('Adds somebody, with a password that is typed twice, or read from stdin.')
    .argument('<name>', 'what they type to log in: letters, digits, . _ @ + and -')
    .option('--email <address>', 'their address, for rules and servers')
    .option('--role <roles>', 'their roles, with spaces between them')
    .action(async (name: string, options: AddUserOptions) => {
      const { addUser } = await import('../commands/user.ts');
      finish(await addUser(name, options, terminal));
    });

  user
    .command('list')
    .alias('ls')
    .summary('show who there is')
    .description('Shows who can log in, and who no longer can.')
    .option('--json', '{"users": [{"name", "email", "roles", "disabled", "created"}]}')
    .action(async (options: { json?: boolean }) => {
      const { listUsers } = await import('../commands/user.ts');
      finish(await listUsers(options, terminal));
    });

  user
    .command('passwd')
    .summary('change a password')
    .description('Changes a password, and ends every session and token of theirs.')
    .argument('<name>', 'whose')
    .action(async (name: string) => {
      const { changePassword } = await import('../commands/user.ts');
      finish(await changePassword(name, terminal));
    });

  user
    .command('disable')
    .summary('let somebody in no longer')
    .description('Lets somebody in no longer, and ends every session and token of theirs.')
    .argument('<name>', 'whom')
    .option('--undo', 'let them in again')
    .action(async (name: string, options: { undo?: boolean }) => {
      const { disableUser } = await import('../commands/user.ts');
      finish(await disableUser(name, options.undo !== true, terminal));
    });
};

const clientCommands: AddCommands = (program, { terminal, finish }) => {
  const client = program
    .command('client')
    .summary('programs that get tokens')
    .description('The OAuth clients of the authorization server of this home.');

  client
    .command('create')
    .summary('make a client')
    .description('Makes a client and prints its id and secret: once, since only a hash of it is kept.')
    .requiredOption('--name <name>', 'what it is called')
    .addOption(
      new Option('--grant <grant>', 'client_credentials for a machine, authorization_code for people')
        .choices(['client_credentials', 'authorization_code'])
        .default('client_credentials'),
    )
    .option('--scope <scopes>', 'what it may ask for, with spaces between them', 'mcp.access')
    .option('--redirect <urls...>', 'where people are sent back to; for authorization_code')
    .option('--public', 'without a secret: a program that anybody can look into')
    .option('--json', '{"client_id", "client_secret"} on stdout')
    .action(async (options: CreateClientOptions) => {
      const { makeClient } = await import('../commands/client.ts');
      finish(await makeClient(options, terminal));
    });

  client
    .command('list')
    .alias('ls')
    .summary('show the clients')
    .description('Shows the clients that were made, and those that registered themselves.')
    .option('--json', '{"clients": [{"id", "name", "grants", "scope", "redirectUris", "isDynamic"}]}')
    .action(async (options: { json?: boolean }) => {
      const { showClients } = await import('../commands/client.ts');
      finish(await showClients(options, terminal));
    });

  client
    .command('revoke')
    .summary('end a client')
    .description('Ends a client and every token that it holds, for whomever, within a second.')
    .argument('<id>', 'its client_id')
    .action(async (id: string) => {
      const { revokeClientById } = await import('../commands/client.ts');
      finish(await revokeClientById(id, terminal));
    });
};

const authCommand: AddCommands = (program, { terminal, finish }) => {
  program
    .command('auth')
    .summary('serve the authorization server alone')
    .description(
      'Serves the authorization server of this home without a gateway. Gateways elsewhere take its tokens with `auth: {issuers: [{issuer, audience}]}`; its keys stay here.',
    )
    .option('-l, --listen <host:port>', 'where to listen', '127.0.0.1:8081')
    .option('--issuer <url>', 'its published address (default: the one that is listened on)')
    .option('--resource <urls...>', 'the gateways that its tokens are for (default: the issuer itself)')
    .option('-c, --config <file>', 'take auth.server of this file')
    .option('--json', 'one line on stdout once it is ready, and logs as JSON')
    .action(async (options: AuthOptions) => {
      const { serveAuth } = await import('../commands/auth.ts');
      finish(await serveAuth(options, terminal));
    });
};
