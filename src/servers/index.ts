import type { McpServerFactory } from '@modelcontextprotocol/server';
import { type Builtin, builtin, BuiltinOptionsError, type Surroundings } from './builtin.ts';

export { type Builtin, BuiltinOptionsError } from './builtin.ts';

/** The MCP servers that come with Sallyport, by the name that the config gives as `builtin`. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map([
  [
    'net',
    builtin(
      'net',
      { title: 'Network', summary: 'Pings hosts, checks ports and reads web pages.' },
      () => import('./net/index.ts'),
    ),
  ],
  [
    'localities',
    builtin(
      'localities',
      { title: 'Localities of France', summary: 'Searches the communes, departments and regions of France.' },
      () => import('./localities/index.ts'),
    ),
  ],
  [
    'oauth',
    builtin(
      'oauth',
      { title: 'OAuth', summary: 'Walks, explains and tries the way of a client to its token.' },
      () => import('./oauth/index.ts'),
    ),
  ],
  [
    'security',
    builtin(
      'security',
      {
        title: 'Security',
        summary: 'Tries the guard and its keys, reads the audit log, and reports on both.',
      },
      () => import('./security/index.ts'),
    ),
  ],
  [
    'slack',
    builtin(
      'slack',
      { title: 'Slack', summary: 'Reads, searches and writes messages of a Slack workspace.' },
      () => import('./slack/index.ts'),
    ),
  ],
]);

/**
 * Loads a built-in server with its options.
 * @throws {BuiltinOptionsError} when there is none of this name, or its options are not right
 */
export async function loadBuiltin(
  name: string,
  options: unknown = {},
  around?: Surroundings,
): Promise<McpServerFactory> {
  const found = BUILTINS.get(name);
  if (found) return found.create(options, around);
  const known = [...BUILTINS.keys()].join(', ');
  throw new BuiltinOptionsError(`There is no built-in server ${JSON.stringify(name)}. There are: ${known}.`);
}
