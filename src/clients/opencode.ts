import { type ClientFile, underHome } from './client-file.ts';
import { headersField } from './connection.ts';

/** OpenCode (https://opencode.ai/docs/mcp-servers). */
export const opencodeFile: ClientFile = {
  id: 'opencode',
  title: 'OpenCode',
  place: (machine) => underHome(machine, '.config', 'opencode', 'opencode.json'),
  syntax: 'json',
  section: 'mcp',
  entry: (connection) => ({
    type: 'remote',
    url: connection.endpoint,
    enabled: true,
    ...headersField(connection),
  }),
};
