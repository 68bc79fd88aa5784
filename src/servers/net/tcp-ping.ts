import type { CheckedHost } from '../../egress/resolve.ts';
import { type EchoStatistics, summarize } from './ping-output.ts';
import { type Probe, probe } from './probe.ts';

/** Ports that something answers at on most hosts, be it with a refusal: that takes one way there and back, too. */
const PORTS = [443, 80, 22];

/** The statistics, and the port they were taken at; null when none of those tried has answered. */
export interface TcpOutcome {
  readonly statistics: EchoStatistics;
  readonly port: number | null;
}

/** Times TCP connections, one after the other, at a port that answers. */
export async function tcpPing(
  target: CheckedHost,
  count: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TcpOutcome> {
  const first = await Promise.all(PORTS.map((port) => probe(target, port, timeoutMs, signal)));
  const answered = first.find(hasAnswered);
  if (!answered) return { statistics: summarize(PORTS.length, []), port: null };

  const times: number[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    const { latency_ms } = await probe(target, answered.port, timeoutMs, signal);
    if (latency_ms !== null) times.push(latency_ms);
  }
  return { statistics: summarize(count, times), port: answered.port };
}

function hasAnswered({ latency_ms }: Probe): boolean {
  return latency_ms !== null;
}
