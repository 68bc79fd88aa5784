import { MetadataError } from '../../auth/server/client-metadata.ts';
import { createClient, listClients, removeClient } from '../../auth/server/clients.ts';
import type { Records } from '../../store/records.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { HomeStore } from '../home-store.ts';
import { homePath, openHome } from '../home.ts';
import type { Terminal } from '../terminal.ts';
import { displayWidth, pad } from '../text.ts';

export interface CreateClientOptions {
  readonly name: string;
  readonly grant: 'client_credentials' | 'authorization_code';
  readonly scope: string;
  readonly redirect?: readonly string[];
  readonly public?: boolean;
  readonly json?: boolean;
}

/** RFC 6749, section 3.3. */
const SCOPES = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** `sallyport client create`: id and secret go to stdout, once. */
export async function makeClient(options: CreateClientOptions, terminal: Terminal): Promise<ExitCode> {
  const { name, grant, scope, redirect = [], public: isPublic = false } = options;
  if (name.trim() === '' || name.length > 100)
    throw new Failure(EXIT.USAGE, 'a client has a name of 1 to 100 characters');
  if (!SCOPES.test(scope)) throw new Failure(EXIT.USAGE, '--scope is scopes with one space between them');
  if (grant === 'client_credentials' && isPublic)
    throw new Failure(EXIT.USAGE, 'a machine that logs in as itself needs a secret', ['leave --public out']);
  if (grant === 'authorization_code' && redirect.length === 0)
    throw new Failure(EXIT.USAGE, 'people have to be sent back somewhere', ['--redirect URL']);
  const made = await withRecords(terminal, (records) =>
    createClient(records, { name: name.trim(), grant, scope, redirectUris: redirect, isPublic }),
  );
  const shown = { client_id: made.id, ...(made.secret !== undefined && { client_secret: made.secret }) };
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify(shown)}\n`);
    return EXIT.OK;
  }
  for (const [key, value] of Object.entries(shown)) terminal.stdout.write(`${key}: ${value}\n`);
  if (made.secret !== undefined)
    terminal.stderr.write('The secret is not shown again: only its hash is kept.\n');
  return EXIT.OK;
}

/** `sallyport client list`. */
export async function showClients(
  options: { readonly json?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const clients = await withRecords(terminal, listClients);
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify({ clients })}\n`);
    return EXIT.OK;
  }
  if (clients.length === 0)
    terminal.stderr.write('There is no client here: sallyport client create --name NAME\n');
  const names = clients.map(({ name }) => printable(name));
  const width = Math.max(0, ...names.map(displayWidth));
  for (const [i, { id, grants, isDynamic }] of clients.entries()) {
    const facts = [grants.join(' '), isDynamic ? 'registered itself' : 'made here'];
    terminal.stdout.write(`${pad(names[i] ?? '', width)}  ${id}  ${facts.join(', ')}\n`);
  }
  return EXIT.OK;
}

/** `sallyport client revoke ID`. */
export async function revokeClientById(id: string, terminal: Terminal): Promise<ExitCode> {
  const had = await withRecords(terminal, (records) => removeClient(records, id));
  if (!had)
    throw new Failure(EXIT.FAILED, 'there is no such client, and nothing that it holds', [
      'sallyport client list   shows which there are',
    ]);
  terminal.stderr.write('The client and its tokens have ended.\n');
  return EXIT.OK;
}

/** What registered itself chose its own name, and a terminal obeys some characters. */
function printable(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '·');
}

async function withRecords<T>(terminal: Terminal, work: (records: Records) => T): Promise<T> {
  const home = await openHome(homePath(terminal.env));
  using store = new HomeStore(home);
  const records = await store.open();
  try {
    return work(records);
  } catch (error) {
    if (error instanceof MetadataError) throw new Failure(EXIT.USAGE, error.message, [], { cause: error });
    throw error;
  }
}
