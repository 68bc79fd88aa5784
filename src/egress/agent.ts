import type { SecureContextOptions } from 'node:tls';
import { Agent, type buildConnector } from 'undici';
import { guardedConnect } from './connect.ts';
import type { EgressPolicy } from './policy.ts';

/** undici's options without those that would lead around the guard. */
type AgentOptions = Omit<Agent.Options, 'connect' | 'factory' | 'allowH2' | 'socketPath' | 'tls'>;

export interface GuardedAgentOptions extends AgentOptions {
  /** CA, client certificate and so on for https. */
  readonly tls?: SecureContextOptions;
  /** Ends connection attempts under way, which `agent.destroy()` alone leaves to their time-out. */
  readonly signal?: AbortSignal;
}

/**
 * An undici Agent all of whose connections go through the guard. It follows no redirects; whoever does (`fetch`, or by
 * hand) comes back here for each, and each is checked again.
 *
 * The connector is our own: undici's `connect.lookup` is never called for a host that is an IP address.
 */
export function guardedAgent(policy: EgressPolicy, options: GuardedAgentOptions = {}): Agent {
  const { tls = {}, signal, connectTimeout, ...rest } = options;
  const connect = (
    { hostname, port, protocol, servername }: buildConnector.Options,
    callback: buildConnector.Callback,
  ): void => {
    const secure = protocol === 'https:';
    const target = {
      port: Number(port) || (secure ? 443 : 80),
      ...(secure && { tls: { ...tls, ...(servername && { servername }) } }),
      ...(connectTimeout !== undefined && { timeoutMs: connectTimeout }),
      ...(signal && { signal }),
    };
    guardedConnect(hostname, target, policy).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
  return new Agent({ ...rest, connect });
}
