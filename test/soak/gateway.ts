/**
 * The gateway of a soak, in a process of its own: as built, with a config from the command line. It says where it listens,
 * then answers each message of its parent with what it holds.
 */
import { createGateway } from '../../dist/gateway.js';
import { loadConfig } from '../../dist/config/load.js';
import { createLog } from '../../dist/telemetry/log.js';

/** What the gateway holds at one moment. */
export interface Held {
  readonly children: number;
  readonly sessions: number;
  /** Calls without an answer, and calls that wait for their clients. */
  readonly calls: number;
  readonly parked: number;
  /** Resident memory in bytes, when everything that can be thrown away has been. */
  readonly rss: number;
  /** Of these what objects and buffers take. */
  readonly heap: number;
}

const [, , configFile = '', token = ''] = process.argv;
const { config } = await loadConfig(configFile, { env: process.env });
const log = createLog({ level: 'error', pretty: false });
const gateway = await createGateway({ config, auth: { kind: 'token', token }, log });
await gateway.settled();

function held(): Held {
  // Without --expose-gc the memory measured would be that of garbage which nobody has looked at yet.
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const children = gateway.status().flatMap((server) => server.children);
  return {
    children: children.filter(({ pid }) => pid !== undefined).length,
    sessions: gateway.sessions(),
    calls: children.reduce((sum, child) => sum + child.calls, 0),
    parked: children.filter(({ parked }) => parked).length,
    rss,
    heap: heapUsed + external,
  };
}

process.on('message', () => process.send?.(held()));
process.once('disconnect', () => void gateway.close().then(() => process.exit(0)));
process.send?.({ port: gateway.listening.port });
