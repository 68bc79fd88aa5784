import { type ClientFile, underHome } from './client-file.ts';
import { headersField } from './connection.ts';

/** LM Studio, which writes its file as Cursor does (https://lmstudio.ai/docs/app/mcp). */
export const lmStudioFile: ClientFile = {
  id: 'lm-studio',
  title: 'LM Studio',
  place: (machine) => underHome(machine, '.lmstudio', 'mcp.json'),
  syntax: 'json',
  section: 'mcpServers',
  entry: (connection) => ({ url: connection.endpoint, ...headersField(connection) }),
};
