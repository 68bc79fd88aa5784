import type { ContainerServer, StdioServer } from '../../config/schema.ts';
import { preparePlain } from './container/plain.ts';
import { prepareContainer, type Owner } from './container/prepare.ts';
import type { Prepared } from './prepared.ts';
import { prepareSandbox } from './sandbox/prepare.ts';

/**
 * What is started for a server that has something around it. A command of an engine in a sandbox is a client that finds
 * no engine; it is not looked into.
 */
export function prepare(server: StdioServer | ContainerServer, owner: Owner): Promise<Prepared> {
  if (server.kind === 'container') return prepareContainer(server.container, owner);
  if (server.sandbox) return prepareSandbox(server, server.sandbox);
  return preparePlain(server, owner);
}
