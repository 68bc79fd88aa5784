import { clientGuides } from '../../clients/index.ts';
import type { Config } from '../../config/schema.ts';
import { ConfigWatcher } from '../../config/watch.ts';
import {
  CertificateError,
  createGateway,
  type Gateway,
  type GatewayOptions,
  ListenError,
} from '../../gateway.ts';
import { createLog } from '../../telemetry/log.ts';
import { TracingUnavailable } from '../../telemetry/tracing-unavailable.ts';
import { removeEndpoint, writeEndpoint } from '../endpoint-file.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { HomeStore } from '../home-store.ts';
import { homePath, openHome } from '../home.ts';
import { loginFolder } from '../interaction.ts';
import { secretSource } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';
import { openToken } from '../token.ts';
import { offerAdmin } from './admin.ts';
import { exposure } from './exposure.ts';
import { localEndpoint, refuseOpenDoor, shownEndpoint } from './listen.ts';
import { readyLine } from './ready-line.ts';
import { serviceManager } from './service-manager.ts';
import { settle } from './settling.ts';
import type { Source } from './source.ts';
import type { Welcome } from './start-screen.ts';
import { stopSignal, untilAborted } from './stop-signal.ts';
import { logTalk, screenTalk, type Talk } from './talk.ts';
import { version } from '../version.ts';

export interface ServeOptions {
  /** False with `--no-auth`. */
  readonly auth: boolean;
  readonly json?: boolean;
  readonly logLevel?: string;
}

/** Puts over the configuration what the command line says, at every reload as well. */
type WithOptions = (config: Config) => Config;

/**
 * Serves what was found until a signal ends it.
 * @throws Failure where it cannot listen, or what was asked for does not go together
 */
export async function serve(
  source: Source,
  withOptions: WithOptions,
  options: ServeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const config = withOptions(source.config);
  if (!options.auth) refuseOpenDoor(config.listen);
  if (config.auth?.server && config.publicUrl === undefined && config.listen.port === 0)
    throw new Failure(EXIT.USAGE, 'an authorization server needs an address that stays', [
      'set publicUrl, or listen on a port of your choice',
    ]);

  const home = await openHome(homePath(terminal.env));
  const token = options.auth ? await openToken(home) : null;
  const auth: GatewayOptions['auth'] = token === null ? { kind: 'none' } : { kind: 'token', token };
  const level = logLevel(options, config, terminal);
  const log = createLog({ level, pretty: terminal.tty && !options.json });
  using store = new HomeStore(home);
  const gateway = await openGateway({
    config,
    auth,
    log,
    home,
    records: config.auth?.server || config.guard ? () => store.open() : store.find,
    oauth: {
      folder: loginFolder(home),
      advice: (name) => `It needs a login: run sallyport login ${name}`,
    },
    ...(source.secrets && { secrets: source.secrets }),
  });

  const admin = await offerAdmin(gateway, home, log);

  const manager = serviceManager(terminal.env, (problem) => log.warn({ problem }, 'systemd was not told'));
  const stop = stopSignal(() => process.exit(EXIT.INTERRUPTED));
  // Where programs read both streams, the line on stdout says it all, and stderr is the log's alone.
  const talk = terminal.tty || !options.json ? screenTalk(terminal, config.servers) : logTalk(log);
  const watcher = source.file && watchConfig(source.file, withOptions, gateway, talk, terminal);
  try {
    const endpoint = localEndpoint(gateway);
    await writeEndpoint(home, { endpoint, pid: process.pid, auth: auth.kind });
    const welcome = welcomeOf(source, config, gateway, token);
    talk.welcome(welcome);
    await settle(gateway, talk.settled, stop.asked);
    if (!stop.asked.aborted) {
      talk.ready(gateway.status());
      if (options.json)
        terminal.stdout.write(
          readyLine(welcome, {
            listening: gateway.listening,
            servers: gateway.status(),
            certificates: gateway.certificates(),
          }),
        );
      manager?.ready(`serving ${endpoint}`);
    }
    await untilAborted(stop.asked);
    manager?.stopping();
    talk.stopping();
    return EXIT.OK;
  } finally {
    watcher?.close();
    await admin?.close();
    // A file that stays behind is harmless: it names a process that is gone.
    await removeEndpoint(home, process.pid).catch(() => {});
    await gateway.close();
    stop.release();
  }
}

/** At a terminal the screen tells what `info` would, so that the log is for trouble unless more is asked for. */
function logLevel({ json, logLevel: asked }: ServeOptions, config: Config, terminal: Terminal): string {
  if (asked !== undefined) return asked;
  return terminal.tty && !json && config.log.level === 'info' ? 'warn' : config.log.level;
}

async function openGateway(options: GatewayOptions): Promise<Gateway> {
  try {
    return await createGateway(options);
  } catch (error) {
    if (error instanceof TracingUnavailable)
      throw new Failure(EXIT.FAILED, error.message, [error.advice], { cause: error });
    if (error instanceof CertificateError)
      throw new Failure(EXIT.CANNOT_LISTEN, `no certificate to listen with: ${error.message}`, [], {
        cause: error,
      });
    if (!(error instanceof ListenError)) throw error;
    throw new Failure(EXIT.CANNOT_LISTEN, error.message, [], { cause: error });
  }
}

function welcomeOf(source: Source, config: Config, gateway: Gateway, token: string | null): Welcome {
  const endpoint = shownEndpoint(gateway, config);
  return {
    version: version(),
    endpoint,
    token,
    source: source.title,
    guides: clientGuides({ endpoint, token, name: 'sallyport', platform: process.platform }),
    notes: source.notes.map(({ file, line, message, hint }) =>
      [`${file}${line === undefined ? '' : `:${line}`}:`, message, hint].filter(Boolean).join(' '),
    ),
    warnings: exposure(config, token !== null),
  };
}

/** Reloads at every change of the file and at SIGHUP, one after the other. */
function watchConfig(
  file: NonNullable<Source['file']>,
  withOptions: WithOptions,
  gateway: Gateway,
  talk: Talk,
  terminal: Terminal,
): { close(): void } {
  let work = Promise.resolve();
  const watcher = new ConfigWatcher({
    file: file.path,
    sources: file.sources,
    env: terminal.env,
    cwd: terminal.cwd,
    secretSource: secretSource(terminal.env),
    onChange(reload) {
      if ('error' in reload) return talk.refused(reload.error);
      work = work
        .then(() => gateway.reload(withOptions(reload.loaded.config), reload.loaded.secrets))
        .then(talk.reloaded)
        .catch(talk.refused);
    },
  });
  const onHangUp = (): void => void watcher.reload();
  process.on('SIGHUP', onHangUp);
  return {
    close() {
      process.off('SIGHUP', onHangUp);
      watcher.close();
    },
  };
}
