/** What a series of echoes has shown. Times are milliseconds; null when nothing came back. */
export interface EchoStatistics {
  readonly sent: number;
  readonly received: number;
  readonly loss_percent: number;
  readonly min_ms: number | null;
  readonly avg_ms: number | null;
  readonly max_ms: number | null;
}

/** iputils says `2 received`, everybody else `2 packets received`; macOS and inetutils count duplicates in. */
const COUNTS = /^(\d+) packets transmitted, (\d+) (?:packets )?received/m;
/** `rtt` (iputils) or `round-trip` (everybody else), with or without a fourth number for the deviation. */
const TIMES = /^(?:rtt|round-trip) min\/avg\/max(?:\/[a-z]+)? = ([\d.]+)\/([\d.]+)\/([\d.]+)/m;

/**
 * Reads the summary that `ping` prints at its end, as iputils, inetutils, BusyBox and macOS do.
 * Undefined when there is none, or nothing was sent: then this was no ping.
 */
export function parsePingOutput(output: string): EchoStatistics | undefined {
  const [, transmitted, came] = COUNTS.exec(output) ?? [];
  const sent = Number(transmitted);
  if (!(sent > 0)) return undefined;
  const received = Math.min(Number(came), sent);
  const [, min, avg, max] = TIMES.exec(output) ?? [];
  return {
    sent,
    received,
    loss_percent: lossPercent(sent, received),
    min_ms: min === undefined ? null : Number(min),
    avg_ms: avg === undefined ? null : Number(avg),
    max_ms: max === undefined ? null : Number(max),
  };
}

/** Statistics of times that were measured here. */
export function summarize(sent: number, times: readonly number[]): EchoStatistics {
  const sum = times.reduce((total, each) => total + each, 0);
  const some = times.length > 0;
  return {
    sent,
    received: times.length,
    loss_percent: lossPercent(sent, times.length),
    min_ms: some ? Math.min(...times) : null,
    avg_ms: some ? Math.round((sum / times.length) * 1000) / 1000 : null,
    max_ms: some ? Math.max(...times) : null,
  };
}

/** In percent, to one digit. */
function lossPercent(sent: number, received: number): number {
  return Math.round((1000 * (sent - received)) / sent) / 10;
}
