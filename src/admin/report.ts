import type { CapacityState, CertificateState, ChildState, Gateway, ServerState } from '../gateway.ts';
import { memoryOf } from './memory.ts';

/** What of a gateway can be looked at and done from outside. */
export type Administered = Pick<
  Gateway,
  'endpoint' | 'certificates' | 'status' | 'capacity' | 'sessions' | 'output' | 'restart' | 'redact'
>;

/** What a gateway says of itself. Times are milliseconds since 1970, memory is bytes. */
export interface GatewayReport {
  readonly version: string;
  readonly pid: number;
  readonly endpoint: string;
  readonly startedAt: number;
  /** Of the gateway itself, without its servers. */
  readonly memory: number;
  /** Sessions of legacy clients; modern ones have none. */
  readonly sessions: number;
  /** Processes, those that wait for one, and how many there may be. */
  readonly capacity: CapacityState;
  readonly servers: readonly ServerReport[];
  /** Of TLS of its own; absent where there is none. */
  readonly certificates?: readonly CertificateState[];
}

export interface ServerReport extends ServerState {
  readonly children: readonly ChildReport[];
  /** Of all that were started ahead; absent where it is not known. */
  readonly spareMemory?: number;
}

export interface ChildReport extends ChildState {
  /** With all that it started; absent where it is not known. */
  readonly memory?: number;
}

/** @param startedAt when the gateway started */
export async function reportOf(
  gateway: Administered,
  { version, startedAt }: Pick<GatewayReport, 'version' | 'startedAt'>,
): Promise<GatewayReport> {
  const states = gateway.status();
  const certificates = gateway.certificates();
  const memory = await memoryOf(
    states.flatMap(({ children, sparePids }) => [...children.flatMap(({ pid }) => pid ?? []), ...sparePids]),
  );
  return {
    version,
    pid: process.pid,
    endpoint: gateway.endpoint,
    startedAt,
    memory: process.memoryUsage.rss(),
    sessions: gateway.sessions(),
    capacity: gateway.capacity(),
    servers: states.map((state) => serverReport(state, memory, gateway.redact)),
    ...(certificates.length > 0 && { certificates }),
  };
}

/** What went wrong is told in words of the server, which may have a secret among them. */
function serverReport(
  state: ServerState,
  memory: ReadonlyMap<number, number>,
  redact: (text: string) => string,
): ServerReport {
  const { detail, stderrTail, lastError, breaker, children, sparePids } = state;
  const spares = sparePids.flatMap((pid) => memory.get(pid) ?? []);
  return {
    ...state,
    ...(detail !== undefined && { detail: redact(detail) }),
    ...(stderrTail && { stderrTail: stderrTail.map(redact) }),
    ...(lastError && { lastError: { ...lastError, message: redact(lastError.message) } }),
    ...(breaker && { breaker: { ...breaker, reason: redact(breaker.reason) } }),
    ...(spares.length > 0 && { spareMemory: spares.reduce((sum, bytes) => sum + bytes) }),
    children: children.map((child) => {
      const bytes = child.pid === undefined ? undefined : memory.get(child.pid);
      return { ...child, ...(bytes !== undefined && { memory: bytes }) };
    }),
  };
}
