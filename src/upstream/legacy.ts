import type { Call } from '../core/call.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { isLoud, LATEST_LEGACY_VERSION, type LogLevel } from '../core/protocol.ts';
import { failure, type Reply } from '../core/reply.ts';
import type { Description } from '../core/upstream.ts';
import type { Link } from './link.ts';
import type { Peer, Self, Times } from './peer.ts';

/** Every published legacy version may come back from a server over stdio. */
const SPOKEN: ReadonlySet<string> = new Set(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']);

/** A server that opens with `initialize`. */
export class LegacyPeer implements Peer {
  readonly era = 'legacy';
  readonly protocolVersion: string;
  readonly description: Description;
  readonly #link: Link;
  readonly #times: Times;
  /** The mildest level the server was asked for; undefined: never asked. */
  #logLevel: LogLevel | undefined;

  private constructor(link: Link, times: Times, protocolVersion: string, description: Description) {
    this.#link = link;
    this.#times = times;
    this.protocolVersion = protocolVersion;
    this.description = description;
  }

  /** Opens the connection: `initialize`, then `notifications/initialized`. */
  static async open(link: Link, self: Self, times: Times): Promise<LegacyPeer | Reply> {
    const reply = await link.send({
      method: 'initialize',
      params: () => ({
        protocolVersion: LATEST_LEGACY_VERSION,
        capabilities: {},
        clientInfo: { name: self.name, version: self.version },
      }),
      timeoutMs: times.startMs,
    });
    if (reply.kind !== 'result') return reply;
    const hello = reply.body.parse();
    const { protocolVersion, serverInfo, capabilities, instructions } = hello;
    if (typeof protocolVersion !== 'string' || !SPOKEN.has(protocolVersion))
      return failure(
        'server_reply_invalid',
        `It offers the protocol version ${JSON.stringify(protocolVersion)}.`,
      );
    link.notify('notifications/initialized', {});
    return new LegacyPeer(link, times, protocolVersion, {
      info: isObject(serverInfo) ? serverInfo : {},
      capabilities: isObject(capabilities) ? capabilities : {},
      instructions: typeof instructions === 'string' ? instructions : undefined,
    });
  }

  async call(call: Call): Promise<Reply> {
    if (call.logLevel !== undefined) this.#askForLogs(call.logLevel);
    const reply = await this.#link.send({
      method: call.method,
      params: (id) => legacyParams(call, id),
      timeoutMs: this.#times.callMs,
      call,
    });
    return reply.kind === 'failure' ? { kind: 'failure', error: modernError(reply.error) } : reply;
  }

  /**
   * The level is a setting of the whole connection here, and one of each call in the core. So the server is asked for
   * the mildest level anybody wanted, and each call is given what it asked for.
   */
  #askForLogs(level: LogLevel): void {
    if (!isObject(this.description.capabilities['logging'])) return;
    if (this.#logLevel !== undefined && isLoud(level, this.#logLevel)) return;
    this.#logLevel = level;
    void this.#link.send({
      method: 'logging/setLevel',
      params: () => ({ level }),
      timeoutMs: this.#times.startMs,
    });
  }
}

function legacyParams(call: Call, id: number): JsonObject {
  if (!call.meta && !call.wantsProgress) return call.params;
  const meta = call.wantsProgress ? { ...call.meta, progressToken: id } : { ...call.meta };
  return { ...call.params, _meta: meta };
}

/** The modern era has no -32002: a resource that is not there is a wrong parameter. */
function modernError(error: { code: number; message: string }): { code: number; message: string } {
  return error.code === -32002 ? { ...error, code: -32602 } : error;
}
