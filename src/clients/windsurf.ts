import { type ClientFile, underHome } from './client-file.ts';
import { headersField } from './connection.ts';

/** Windsurf (https://docs.windsurf.com/windsurf/cascade/mcp). */
export const windsurfFile: ClientFile = {
  id: 'windsurf',
  title: 'Windsurf',
  place: (machine) => underHome(machine, '.codeium', 'windsurf', 'mcp_config.json'),
  syntax: 'json',
  section: 'mcpServers',
  entry: (connection) => ({ serverUrl: connection.endpoint, ...headersField(connection) }),
  after: () => 'Press refresh in the list of MCP servers in Cascade.',
};
