import { type AuthorizationServer, openAuthorizationServer } from '../../auth/server/server.ts';
import { addressOf } from '../../config/own-address.ts';
import { authServerSection, type AuthServerConfig } from '../../config/auth-server.ts';
import { ConfigError, renderDiagnostics } from '../../config/diagnose.ts';
import { parsePublicUrl } from '../../config/web-names.ts';
import { failure } from '../../core/reply.ts';
import { Listener, ListenError } from '../../listener/listener.ts';
import { createLog } from '../../telemetry/log.ts';
import { refuse } from '../../wire/refuse.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { HomeStore } from '../home-store.ts';
import { homePath, openHome } from '../home.ts';
import { secretSource } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';
import { listenOption } from '../up/listen.ts';
import { loadSource } from '../up/source.ts';
import { stopSignal, untilAborted } from '../up/stop-signal.ts';

export interface AuthOptions {
  readonly listen: string;
  readonly issuer?: string;
  readonly resource?: readonly string[];
  readonly config?: string;
  readonly json?: boolean;
}

const DRAIN_MS = 5000;

/** `sallyport auth`: the authorization server alone, until a signal ends it. */
export async function serveAuth(options: AuthOptions, terminal: Terminal): Promise<ExitCode> {
  try {
    return await serve(options, await configOf(options, terminal), terminal);
  } catch (error) {
    if (error instanceof ListenError)
      throw new Failure(EXIT.CANNOT_LISTEN, error.message, [], { cause: error });
    if (!(error instanceof ConfigError)) throw error;
    terminal.stderr.write(renderDiagnostics(error.diagnostics, { color: terminal.color }));
    return EXIT.FAILED;
  }
}

async function serve(options: AuthOptions, config: AuthServerConfig, terminal: Terminal): Promise<ExitCode> {
  const listen = listenOption(options.listen);
  const published = options.issuer ?? config.issuer;
  const log = createLog({ level: 'info', pretty: terminal.tty && !options.json });
  const home = await openHome(homePath(terminal.env));
  using store = new HomeStore(home);
  const records = await store.open();
  let server: AuthorizationServer | undefined;
  const listener = new Listener({
    listen,
    allowedHosts: [],
    // The pages are its own; browsers of others' pages come with loopback origins, or not at all.
    allowedOrigins: [],
    publicUrl: published,
    connections: 1000,
    headersMs: 10_000,
    bodyMs: 10_000,
    idleMs: 60_000,
    health: () => [],
    mcp: (_req, res) => refuse(res, failure('no_such_path', 'This is an authorization server.')),
    page: (req, res, _path, address) => server?.handle(req, res, address) === true,
  });
  const listening = await listener.open();
  const issuer = urlOf(published ?? addressOf(listening));
  const resources = (options.resource ?? []).map(urlOf);
  server = await openAuthorizationServer({ issuer, resources, config, records, log });
  const stop = stopSignal(() => process.exit(EXIT.INTERRUPTED));
  try {
    if (options.json) terminal.stdout.write(`${JSON.stringify({ issuer, resources, pid: process.pid })}\n`);
    else terminal.stderr.write(`The authorization server ${issuer} is ready on ${addressOf(listening)}.\n`);
    await untilAborted(stop.asked);
    return EXIT.OK;
  } finally {
    await listener.close(DRAIN_MS);
    await server.close();
    stop.release();
  }
}

async function configOf({ config: file }: AuthOptions, terminal: Terminal): Promise<AuthServerConfig> {
  if (file === undefined) return authServerSection.parse({});
  const { config } = await loadSource(
    { config: file, command: [] },
    terminal.env,
    terminal.cwd,
    secretSource(terminal.env),
  );
  return config.auth?.server ?? authServerSection.parse({});
}

function urlOf(text: string): string {
  const reading = parsePublicUrl(text);
  if ('value' in reading) return reading.value;
  throw new Failure(
    EXIT.USAGE,
    `${text}: ${reading.problem}`,
    reading.hint === undefined ? [] : [reading.hint],
  );
}
