import {
  CLIENT_FILES,
  type ClientFile,
  type ClientGuide,
  clientGuides,
  type Connection,
  WEB_CLIENTS,
} from '../../clients/index.ts';
import { suggest } from '../../config/suggest.ts';
import { lineDiff } from '../../deploy/line-diff.ts';
import { machineOf, readPlace, writePlace } from '../clients/client-place.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { resolveTarget, type TargetOptions } from '../target.ts';
import type { Terminal } from '../terminal.ts';
import { displayWidth, pad } from '../text.ts';

export interface ConnectClientOptions extends Omit<TargetOptions, 'token'> {
  readonly name: string;
  /** False: the client logs in by itself. */
  readonly token?: string | false;
  readonly write?: boolean;
  readonly file?: string;
  readonly json?: boolean;
}

/** `sallyport connect-client CLIENT`: the entry for this endpoint, printed or put into the client's file. */
export async function connectClient(
  client: string | undefined,
  options: ConnectClientOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (client === undefined) return list(options, terminal);
  const file = CLIENT_FILES.find(({ id }) => id === client);
  const connection = await connectionOf(options, terminal);
  const guide = guideOf(client, connection, file, terminal);
  if (!options.write) return print(guide, options, terminal);
  if (!file)
    throw new Failure(EXIT.USAGE, `${guide.title} has no file to write`, [
      `sallyport connect-client ${client}   says what to type there`,
    ]);
  return write(file, connection, options, terminal);
}

function list({ json }: ConnectClientOptions, terminal: Terminal): ExitCode {
  const machine = machineOf(terminal);
  const here = { endpoint: 'https://localhost/', token: null, name: '', platform: machine.platform };
  const clients = [
    ...CLIENT_FILES.map((file) => ({ id: file.id, title: file.title, file: file.place(machine) })),
    ...WEB_CLIENTS.map((guide) => guide(here)).map(({ id, title }) => ({ id, title, file: null })),
  ];
  if (json) {
    terminal.stdout.write(`${JSON.stringify({ clients })}\n`);
    return EXIT.OK;
  }
  const widest = Math.max(...clients.map(({ id }) => displayWidth(id)));
  for (const { id, title, file } of clients)
    terminal.stdout.write(`${pad(id, widest)}  ${pad(title, 14)}  ${file ?? 'in its settings on the web'}\n`);
  return EXIT.OK;
}

async function connectionOf(options: ConnectClientOptions, terminal: Terminal): Promise<Connection> {
  const { url, token, name } = options;
  const target = await resolveTarget(
    { ...(url !== undefined && { url }), ...(typeof token === 'string' && { token }) },
    terminal,
  );
  return {
    endpoint: target.url.href,
    token: token === false ? null : target.token,
    name,
    platform: process.platform,
  };
}

function guideOf(
  client: string,
  connection: Connection,
  file: ClientFile | undefined,
  terminal: Terminal,
): ClientGuide {
  const web = WEB_CLIENTS.map((guide) => guide(connection));
  const known = [...clientGuides(connection), ...web].find(({ id }) => id === client);
  if (known) return known;
  if (file) return fileGuide(file, connection, terminal);
  const names = [...CLIENT_FILES.map(({ id }) => id), ...web.map(({ id }) => id)];
  const near = suggest(client, names);
  throw new Failure(EXIT.USAGE, `there is no client ${JSON.stringify(client)} here`, [
    near === undefined ? `There are: ${names.join(', ')}` : `Did you mean ${near}?`,
  ]);
}

/** Of a client that is known by its file alone. */
function fileGuide(file: ClientFile, connection: Connection, terminal: Terminal): ClientGuide {
  const note = file.after?.(connection);
  return {
    id: file.id,
    title: file.title,
    snippets: [{ kind: 'file', where: file.place(machineOf(terminal)), text: freshText(file, connection) }],
    ...(note !== undefined && { note }),
  };
}

function freshText(file: ClientFile, connection: Connection): string {
  const { section, syntax } = file;
  const entry = file.entry(connection);
  if (syntax === 'json') return JSON.stringify({ [section]: { [connection.name]: entry } }, null, 2);
  // Numbers, texts and truth values are written alike in TOML and JSON.
  const lines = Object.entries(entry).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return [`[${section}.${JSON.stringify(connection.name)}]`, ...lines].join('\n');
}

function print(guide: ClientGuide, { json }: ConnectClientOptions, terminal: Terminal): ExitCode {
  if (json) {
    terminal.stdout.write(`${JSON.stringify(guide)}\n`);
    return EXIT.OK;
  }
  for (const { where, text, kind } of guide.snippets) {
    if (kind === 'value') terminal.stdout.write(`${where}: ${text}\n`);
    else terminal.stdout.write(`${where === undefined ? '' : `# ${where}\n`}${text}\n`);
  }
  if (guide.note !== undefined) terminal.stderr.write(`\n${guide.note}\n`);
  return EXIT.OK;
}

async function write(
  file: ClientFile,
  connection: Connection,
  options: ConnectClientOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { patched } = await import('../../clients/patch.ts');
  const { ClientFileError } = await import('../../clients/read.ts');
  const path = options.file ?? file.place(machineOf(terminal));
  const before = await readPlace(path);
  let after: string;
  try {
    after = patched(before, file, connection);
  } catch (error) {
    if (!(error instanceof ClientFileError)) throw error;
    throw new Failure(EXIT.FAILED, `${path}: ${error.message}`, ['mend it, or paste the entry by hand'], {
      cause: error,
    });
  }
  if (after === before) {
    terminal.stderr.write(`${path} has it already.\n`);
    return EXIT.OK;
  }
  // What others look over a shoulder at is not the place for a token.
  const shown = (text: string): string =>
    connection.token === null ? text : text.replaceAll(connection.token, 'sp_…');
  terminal.stdout.write(lineDiff(path, shown(before ?? ''), shown(after)));
  const backup = await writePlace(path, after, before === undefined);
  terminal.stderr.write(`Written.${backup === undefined ? '' : ` What was there is in ${backup}`}\n`);
  const then = file.after?.(connection);
  if (then !== undefined) terminal.stderr.write(`${then}\n`);
  return EXIT.OK;
}
