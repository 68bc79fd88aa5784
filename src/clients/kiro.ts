import { type ClientFile, underHome } from './client-file.ts';
import { headersField } from './connection.ts';

/** Kiro (https://kiro.dev/docs/mcp). */
export const kiroFile: ClientFile = {
  id: 'kiro',
  title: 'Kiro',
  place: (machine) => underHome(machine, '.kiro', 'settings', 'mcp.json'),
  syntax: 'json',
  section: 'mcpServers',
  entry: (connection) => ({ url: connection.endpoint, ...headersField(connection) }),
};
