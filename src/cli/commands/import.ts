import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import { CLIENT_FILES } from '../../clients/index.ts';
import { type Import, type Imported, importedFrom } from '../../clients/import.ts';
import { ClientFileError } from '../../clients/read.ts';
import { lineDiff } from '../../deploy/line-diff.ts';
import { machineOf, readPlace, writePlace } from '../clients/client-place.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Terminal } from '../terminal.ts';

export interface ImportOptions {
  readonly out: string;
  readonly write?: boolean;
  readonly json?: boolean;
}

interface Source {
  readonly path: string;
  readonly found: Import;
}

/** `sallyport import [SOURCE]`: servers out of other clients' files into a config of ours. */
export async function importServers(
  source: string | undefined,
  options: ImportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const sources = await sourcesOf(source, terminal);
  const path = resolve(terminal.cwd, options.out);
  const before = await readPlace(path);
  const { text, added } = merged(before ?? '', path, sources);
  if (options.json) {
    const left = sources.flatMap(({ path: file, found }) => found.left.map((each) => ({ file, ...each })));
    terminal.stdout.write(`${JSON.stringify({ file: path, added: added.map(({ name }) => name), left })}\n`);
  } else terminal.stdout.write(lineDiff(options.out, before ?? '', text));
  tell(sources, added, terminal);
  if (added.length === 0) return EXIT.OK;
  if (!options.write) {
    terminal.stderr.write('Nothing is written yet: do it with --write.\n');
    return EXIT.OK;
  }
  const backup = await writePlace(path, text, before === undefined);
  terminal.stderr.write(`Written.${backup === undefined ? '' : ` What was there is in ${backup}`}\n`);
  return EXIT.OK;
}

/** A client by its name, a file, or whatever clients are here. */
async function sourcesOf(source: string | undefined, terminal: Terminal): Promise<Source[]> {
  const machine = machineOf(terminal);
  const clients = CLIENT_FILES.map((file) => ({ ...file, path: file.place(machine) }));
  const named = clients.filter(({ id }) => source === undefined || id === source);
  const wanted =
    named.length > 0
      ? named.map(({ path, syntax }) => ({ path, syntax }))
      : [await fileOf(source ?? '', terminal, clients)];
  const read = await Promise.all(
    wanted.map(async ({ path, syntax }) => {
      const text = await readPlace(path);
      return text === undefined ? [] : [{ path, found: readFrom(path, text, syntax) }];
    }),
  );
  const sources = read.flat();
  if (sources.length === 0)
    throw new Failure(
      EXIT.FAILED,
      'there is no file of a client here',
      wanted.map(({ path }) => path),
    );
  return sources;
}

async function fileOf(
  source: string,
  { cwd }: Terminal,
  clients: readonly { readonly id: string }[],
): Promise<{ path: string; syntax: 'json' | 'toml' }> {
  const path = resolve(cwd, source);
  try {
    await access(path);
  } catch (error) {
    throw new Failure(
      EXIT.USAGE,
      `${source} is neither a file nor a client`,
      [`clients: ${clients.map(({ id }) => id).join(', ')}`],
      { cause: error },
    );
  }
  return { path, syntax: path.endsWith('.toml') ? 'toml' : 'json' };
}

function readFrom(path: string, text: string, syntax: 'json' | 'toml'): Import {
  try {
    return importedFrom(text, syntax);
  } catch (error) {
    if (!(error instanceof ClientFileError)) throw error;
    throw new Failure(EXIT.FAILED, `${path}: ${error.message}`, [], { cause: error });
  }
}

/** The config with the servers in it that it does not have yet. Its comments stay. */
function merged(
  before: string,
  path: string,
  sources: readonly Source[],
): { text: string; added: Imported[] } {
  const document = parseDocument(before === '' ? '{}' : before);
  const [mistake] = document.errors;
  if (mistake) {
    const [what = ''] = mistake.message.split('\n');
    throw new Failure(EXIT.FAILED, `${path}: ${what}`, ['sallyport validate   says more']);
  }
  if (!isMap(document.contents)) throw new Failure(EXIT.FAILED, `${path} is no map`);
  if (before === '') document.contents.flow = false;
  if (!isMap(document.get('mcpServers'))) document.set('mcpServers', document.createNode({}));
  const added: Imported[] = [];
  for (const server of sources.flatMap(({ found }) => found.servers)) {
    const same = JSON.stringify(server.entry);
    const taken = (name: string): boolean => document.hasIn(['mcpServers', name]);
    const there = (name: string): string =>
      JSON.stringify((document.toJS() as { mcpServers: Record<string, unknown> }).mcpServers[name]);
    let { name } = server;
    for (let n = 2; taken(name) && there(name) !== same; n++) name = `${server.name}-${n}`;
    if (taken(name)) continue;
    document.setIn(['mcpServers', name], document.createNode(server.entry));
    added.push({ ...server, name });
  }
  return { text: added.length === 0 ? before : document.toString({ lineWidth: 0 }), added };
}

function tell(sources: readonly Source[], added: readonly Imported[], { stderr }: Terminal): void {
  const of = sources.map(({ path }) => path).join(', ');
  stderr.write(`${added.length} ${added.length === 1 ? 'server' : 'servers'} out of ${of}\n`);
  for (const { name, why } of sources.flatMap(({ found }) => found.left))
    stderr.write(`- ${JSON.stringify(name)} stays there: ${why}\n`);
  for (const { name, secrets } of added)
    for (const secret of secrets)
      stderr.write(
        `! ${name}: ${secret} looks like a secret. Keep it out of the file: sallyport secret set ${secret}, and write \${secret:${secret}}\n`,
      );
}
