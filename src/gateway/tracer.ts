import type { Config, ServerConfig } from '../config/schema.ts';
import { CallTracer, type ReachedBy } from '../policy/trace.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Tracing } from '../telemetry/traces.ts';

/** What makes spans of calls, and the sender of them. */
export interface Tracer {
  readonly calls: CallTracer;
  close(): Promise<void>;
}

/**
 * Opens the traces that the configuration asks for.
 * @param current a reload may bring other servers
 * @throws {TracingUnavailable} where the packages of OpenTelemetry are not installed
 */
export async function openTracer(
  { telemetry }: Config,
  {
    version,
    log,
    current,
  }: { readonly version: string; readonly log: Logger; readonly current: () => Config },
): Promise<Tracer | undefined> {
  if (!telemetry?.traces) return undefined;
  const { openTracing } = await import('../telemetry/traces.ts');
  const warn = (problem: string): void => log.warn({ problem }, 'no traces were sent');
  const tracing: Tracing = await openTracing({ config: telemetry.traces, version, warn });
  return {
    calls: new CallTracer(tracing, (name) => reachedBy(current().servers.find((each) => each.name === name))),
    close: () => tracing.close(),
  };
}

/** > It SHOULD be set to `pipe` if the transport is stdio.  (gen-ai/mcp, network.transport) */
function reachedBy(server: ServerConfig | undefined): ReachedBy {
  if (server?.kind !== 'http') return { 'network.transport': 'pipe' };
  const { hostname, port, protocol } = new URL(server.url);
  return {
    'network.transport': 'tcp',
    'network.protocol.name': 'http',
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}
