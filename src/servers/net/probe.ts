import { connect } from '../../egress/connect.ts';
import { EgressError } from '../../egress/error.ts';
import type { CheckedHost } from '../../egress/resolve.ts';

/** What one attempt to connect by TCP has shown. */
export interface Probe {
  readonly port: number;
  /** `closed`: the host said no. `filtered`: nobody said anything, or something in between did. */
  readonly state: 'open' | 'closed' | 'filtered';
  /** How long the host took to say yes or no; null when it said nothing. */
  readonly latency_ms: number | null;
  readonly reason: string;
}

const FILTERED: ReadonlyMap<string, string> = new Map([
  ['EHOSTUNREACH', 'host unreachable'],
  ['ENETUNREACH', 'network unreachable'],
  ['ENETDOWN', 'network down'],
  ['EADDRNOTAVAIL', 'no address to connect from'],
  ['EACCES', 'forbidden on this machine'],
  ['EPERM', 'forbidden on this machine'],
]);

/** Connects to one port and hangs up. Rejects only when the signal aborts or the guard refuses. */
export async function probe(
  target: CheckedHost,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Probe> {
  const started = performance.now();
  const elapsed = (): number => milliseconds(performance.now() - started);
  try {
    const socket = await connect(target, { port, timeoutMs, signal });
    const latency = elapsed();
    socket.destroy();
    return { port, state: 'open', latency_ms: latency, reason: 'connected' };
  } catch (error) {
    if (signal.aborted || !(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET') {
      return { port, state: 'closed', latency_ms: elapsed(), reason: 'connection refused' };
    }
    if (error instanceof EgressError && error.code === 'connect_timeout') {
      return { port, state: 'filtered', latency_ms: null, reason: `no answer within ${timeoutMs} ms` };
    }
    const reason = FILTERED.get(String(error.code));
    if (reason === undefined) throw error;
    return { port, state: 'filtered', latency_ms: null, reason };
  }
}

/** Microseconds are more than a network can tell. */
export function milliseconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}
