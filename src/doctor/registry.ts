import type { Check } from './check.ts';
import { answers } from './checks/answers.ts';
import { audience } from './checks/audience.ts';
import { auditChain } from './checks/audit-chain.ts';
import { certificate } from './checks/certificate.ts';
import { claudeAi } from './checks/claude-ai.ts';
import { clock } from './checks/clock.ts';
import { config } from './checks/config.ts';
import { disk } from './checks/disk.ts';
import { dns } from './checks/dns.ts';
import { hsts } from './checks/hsts.ts';
import { identityHeaders } from './checks/identity-headers.ts';
import { keys } from './checks/keys.ts';
import { latency } from './checks/latency.ts';
import { methods } from './checks/methods.ts';
import { metricsHidden } from './checks/metrics-hidden.ts';
import { modes } from './checks/modes.ts';
import { node } from './checks/node.ts';
import { origin } from './checks/origin.ts';
import { ports } from './checks/ports.ts';
import { proxy } from './checks/proxy.ts';
import { rate } from './checks/rate.ts';
import { reachable } from './checks/reachable.ts';
import { redirect } from './checks/redirect.ts';
import { registration } from './checks/registration.ts';
import { resource } from './checks/resource-metadata.ts';
import { server } from './checks/server-metadata.ts';
import { servers } from './checks/servers.ts';
import { slash } from './checks/slash.ts';
import { store } from './checks/store.ts';
import { stream } from './checks/stream.ts';
import { tlsVersions } from './checks/tls-versions.ts';
import { token } from './checks/token.ts';
import { toolCall } from './checks/tool-call.ts';
import { unauthorized } from './checks/unauthorized.ts';

/** Every check, in the order in which they are shown. One that needs others stands behind them. */
export const CHECKS: readonly Check[] = [
  node,
  config,
  ports,
  clock,
  modes,
  disk,
  servers,
  store,
  keys,
  auditChain,
  audience,
  proxy,
  dns,
  reachable,
  redirect,
  certificate,
  tlsVersions,
  answers,
  hsts,
  slash,
  methods,
  stream,
  origin,
  metricsHidden,
  identityHeaders,
  unauthorized,
  resource,
  server,
  registration,
  token,
  toolCall,
  latency,
  claudeAi,
  rate,
];
