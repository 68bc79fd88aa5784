import { serverApart } from '../../config/apart.ts';
import { ConfigError, renderDiagnostics } from '../../config/diagnose.ts';
import { createGateway, ListenError } from '../../gateway.ts';
import { createLog } from '../../telemetry/log.ts';
import { type BridgeOptions, LEVELS, type Plan, planOf } from '../bridge/plan.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { homePath, openHome } from '../home.ts';
import { isLoopback } from '../loopback.ts';
import type { Terminal } from '../terminal.ts';
import { openToken } from '../token.ts';
import { stopSignal, untilAborted } from '../up/stop-signal.ts';
import { connect } from './connect.ts';

export type { BridgeOptions } from '../bridge/plan.ts';

/** `sallyport bridge`: what supergateway does, by its own options, so that a person can swap the name. */
export async function bridge(options: BridgeOptions, terminal: Terminal): Promise<ExitCode> {
  const plan = planOf(options, terminal.env);
  for (const note of plan.notes) terminal.stderr.write(`note: ${note}\n`);
  if (plan.kind === 'serve') return serve(plan, options, terminal);
  const { header, oauth2Bearer, logLevel } = options;
  return connect(
    plan.url,
    {
      transport: plan.transport,
      logLevel: LEVELS[logLevel],
      ...(header && { header }),
      ...(oauth2Bearer !== undefined && { bearer: oauth2Bearer }),
    },
    terminal,
  );
}

async function serve(
  { server, settings, paths }: Extract<Plan, { kind: 'serve' }>,
  { host, logLevel }: BridgeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  try {
    const config = await serverApart(server, settings);
    // supergateway asks nobody for anything; that is only safe where nobody else can come.
    const token = isLoopback(host) ? undefined : await openToken(await openHome(homePath(terminal.env)));
    const gateway = await createGateway({
      config,
      paths,
      auth: token === undefined ? { kind: 'none' } : { kind: 'token', token },
      log: createLog({ level: LEVELS[logLevel], pretty: true }),
    });
    const stop = stopSignal(() => process.exit(EXIT.INTERRUPTED));
    const base = gateway.endpoint.slice(0, -(paths.mcp?.length ?? 0));
    const lines = [
      `Streamable HTTP at ${gateway.endpoint}`,
      `HTTP+SSE at ${base}${paths.sse}`,
      ...(token === undefined ? ['No token is asked for.'] : [`The token is ${token}`]),
    ];
    if (logLevel !== 'none') for (const line of lines) terminal.stderr.write(`${line}\n`);
    await untilAborted(stop.asked);
    await gateway.close();
    stop.release();
    return EXIT.OK;
  } catch (error) {
    if (error instanceof ListenError)
      throw new Failure(EXIT.CANNOT_LISTEN, error.message.replace('--listen HOST:PORT', '--port'), [], {
        cause: error,
      });
    if (!(error instanceof ConfigError)) throw error;
    terminal.stderr.write(renderDiagnostics(error.diagnostics, { color: terminal.color }));
    return EXIT.USAGE;
  }
}
