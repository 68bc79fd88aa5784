import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { EgressPolicy } from '../../egress/policy.ts';
import { resolve } from '../../egress/resolve.ts';
import { probe } from './probe.ts';
import { addressesOutput, answer, hostInput, looksOnly } from './tool.ts';

const COMMON_PORTS = [22, 80, 443, 3000, 5000, 8000];
/** Enough for a look, too few for a scan. */
const MAX_PORTS = 32;

const port = z.int().min(1).max(65_535);

const inputSchema = z.strictObject({
  host: hostInput,
  ports: z
    .array(port)
    .min(1)
    .max(MAX_PORTS)
    .default(COMMON_PORTS)
    .describe(`The TCP ports to try, at most ${MAX_PORTS}`),
  timeout_ms: z.int().min(100).max(10_000).default(2000).describe('How long to wait for an answer of a port'),
});

const outputSchema = z.object({
  host: z.string(),
  addresses: addressesOutput,
  open: z.array(port).describe('The open ports'),
  ports: z.array(
    z.object({
      port,
      state: z
        .enum(['open', 'closed', 'filtered'])
        .describe('open: it takes connections; closed: the host refuses; filtered: no answer'),
      latency_ms: z.number().nullable().describe('How long the answer took; null without one'),
      reason: z.string(),
    }),
  ),
});

export function registerCheckCommonPorts(server: McpServer, policy: EgressPolicy): void {
  const title = 'Check ports';
  server.registerTool(
    'check_common_ports',
    {
      title,
      description:
        'Tells which TCP ports of a host are open, closed or filtered, and how fast they answer. All are tried at once.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title),
    },
    ({ host, ports, timeout_ms }, { mcpReq: { signal } }) =>
      answer(async () => {
        const target = await resolve(host, policy, signal);
        const wanted = [...new Set(ports)];
        const probes = await Promise.all(wanted.map((each) => probe(target, each, timeout_ms, signal)));
        return {
          host: target.host.name,
          addresses: [...target.addresses],
          open: probes.filter(({ state }) => state === 'open').map((each) => each.port),
          ports: probes,
        };
      }),
  );
}
