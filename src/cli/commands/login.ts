import { loadApart } from '../../config/apart.ts';
import { ConfigError, renderDiagnostics } from '../../config/diagnose.ts';
import { findConfig } from '../../config/find.ts';
import type { HttpServer } from '../../config/schema.ts';
import { Logins } from '../../upstream/oauth/logins.ts';
import { suggest } from '../../config/suggest.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorMessage, Failure } from '../failure.ts';
import { homePath, openHome } from '../home.ts';
import { interaction, loginFolder } from '../interaction.ts';
import { interruptCode, interruptible } from '../interrupt.ts';
import { type AuthOptions, authOf, remoteServer } from '../remote.ts';
import { secretSource } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine } from '../text.ts';

export interface LoginOptions extends AuthOptions {
  readonly config?: string;
  /** False with `--no-browser`. */
  readonly browser: boolean;
  readonly forget?: boolean;
}

/**
 * `sallyport login SERVER`: logs in at a remote server of the config, or at a URL, with a browser. What comes of it is
 * kept in the home, encrypted, for every gateway that uses this home.
 */
export async function login(name: string, options: LoginOptions, terminal: Terminal): Promise<ExitCode> {
  try {
    const server = await serverOf(name, options, terminal);
    const logins = new Logins(loginFolder(await openHome(homePath(terminal.env))));
    if (options.forget) {
      const was = await logins.forget(server.url);
      terminal.stderr.write(was ? `The login at ${name} is forgotten.\n` : `There is no login at ${name}.\n`);
      return EXIT.OK;
    }
    await interruptible((signal) => logIn(server, name, logins, options, terminal, signal));
    terminal.stderr.write(`You are logged in at ${name}. A gateway that runs takes it up within a minute.\n`);
    return EXIT.OK;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    terminal.stderr.write(renderDiagnostics(error.diagnostics, { color: terminal.color }));
    return EXIT.FAILED;
  }
}

async function logIn(
  server: HttpServer,
  name: string,
  logins: Logins,
  options: LoginOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const flow = await import('../../upstream/oauth/flow.ts');
  const { fetchFor } = await import('../../upstream/oauth/fetch.ts');
  const party = { server, logins, fetch: fetchFor(server) };
  try {
    const challenge = await flow.knock(party);
    const tokens =
      server.auth?.grant === 'client_credentials'
        ? await flow.clientCredentials(party, undefined, challenge)
        : await flow.logIn(party, challenge, interaction(terminal, { signal, browser: options.browser }));
    if (!tokens) throw new Error('the authorization server gave no token');
  } catch (error) {
    if (signal.aborted) throw new Failure(interruptCode(signal), 'interrupted');
    throw new Failure(EXIT.NOT_AUTHORISED, `no login at ${name}: ${oneLine(errorMessage(error))}`, [], {
      cause: error,
    });
  }
}

/** A server of the config by its name, or one behind a URL. */
async function serverOf(name: string, options: LoginOptions, terminal: Terminal): Promise<HttpServer> {
  if (URL.canParse(name)) {
    const auth = authOf(options, terminal.env);
    return { ...remoteServer(name, {}, { ...terminal, env: {} }), ...(auth && { auth }) };
  }
  const path = options.config ?? (await findConfig(terminal.cwd));
  if (path === undefined)
    throw new Failure(EXIT.USAGE, `there is no config here that could name ${name}`, [
      'name the file with --config, or the server by its URL',
    ]);
  const { config } = await loadApart(path, {
    env: terminal.env,
    cwd: terminal.cwd,
    secretSource: secretSource(terminal.env),
  });
  const server = config.servers.find((each) => each.name === name);
  if (server?.kind === 'http') return server;
  if (server) throw new Failure(EXIT.USAGE, `${name} is not a remote server: there is nothing to log in at`);
  const names = config.servers.filter(({ kind }) => kind === 'http').map((each) => each.name);
  const meant = suggest(name, names);
  throw new Failure(EXIT.USAGE, `the config has no server ${name}`, [
    ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
    ...(names.length === 0 ? [] : [`remote servers are: ${names.join(', ')}`]),
  ]);
}
