import { type ClientFile, underHome } from './client-file.ts';
import { headersField } from './connection.ts';

/** Gemini CLI: `httpUrl` is Streamable HTTP, `url` would be the older SSE (https://geminicli.com/docs/tools/mcp-server). */
export const geminiFile: ClientFile = {
  id: 'gemini',
  title: 'Gemini CLI',
  place: (machine) => underHome(machine, '.gemini', 'settings.json'),
  syntax: 'json',
  section: 'mcpServers',
  entry: (connection) => ({ httpUrl: connection.endpoint, ...headersField(connection) }),
  after: () => 'Start Gemini CLI afresh; /mcp lists its servers.',
};
