import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { EgressPolicy } from '../../egress/policy.ts';
import { resolve } from '../../egress/resolve.ts';
import { icmpPing } from './icmp.ts';
import { tcpPing } from './tcp-ping.ts';
import { addressesOutput, answer, hostInput, looksOnly } from './tool.ts';

const inputSchema = z.strictObject({
  host: hostInput,
  count: z.int().min(1).max(10).default(4).describe('How many echoes to ask for'),
  timeout_ms: z.int().min(100).max(10_000).default(2000).describe('How long to wait for the last echo'),
});

const milliseconds = z.number().nullable().describe('Milliseconds; null when nothing came back');

const outputSchema = z.object({
  host: z.string(),
  addresses: addressesOutput,
  method: z
    .enum(['icmp', 'tcp'])
    .describe('icmp: the ping of the system; tcp: connections were timed instead'),
  tcp_port: z.int().min(1).max(65_535).nullable().describe('The port that was timed, with the method tcp'),
  sent: z.int().min(0),
  received: z.int().min(0),
  loss_percent: z.number().min(0).max(100),
  min_ms: milliseconds,
  avg_ms: milliseconds,
  max_ms: milliseconds,
  note: z.string().nullable().describe('Why it was not icmp'),
});

type PingResult = z.infer<typeof outputSchema>;

export function registerPingHost(server: McpServer, policy: EgressPolicy): void {
  const title = 'Ping a host';
  server.registerTool(
    'ping_host',
    {
      title,
      description:
        'Tells whether a host answers, how fast, and how much gets lost. By ICMP, or by timing TCP connections where ' +
        'this machine may not send ICMP; the result says which.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title),
    },
    ({ host, count, timeout_ms }, { mcpReq: { signal } }) =>
      answer(() => pingHost(host, count, timeout_ms, policy, signal)),
  );
}

async function pingHost(
  text: string,
  count: number,
  timeoutMs: number,
  policy: EgressPolicy,
  signal: AbortSignal,
): Promise<PingResult> {
  const target = await resolve(text, policy, signal);
  const about = { host: target.host.name, addresses: [...target.addresses] };
  const icmp = await icmpPing(target.addresses[0], count, timeoutMs, signal);
  if ('statistics' in icmp) {
    return { ...about, method: 'icmp', tcp_port: null, ...icmp.statistics, note: null };
  }
  const tcp = await tcpPing(target, count, timeoutMs, signal);
  const note = `ICMP was not to be had (${icmp.unavailable}), so TCP connections were timed.`;
  return { ...about, method: 'tcp', tcp_port: tcp.port, ...tcp.statistics, note };
}
