import { type ClientFile, settings, underHome } from './client-file.ts';
import { headersField } from './connection.ts';

/** Zed; without headers it logs in with OAuth (https://zed.dev/docs/ai/mcp). */
export const zedFile: ClientFile = {
  id: 'zed',
  title: 'Zed',
  place: (machine) =>
    machine.platform === 'win32'
      ? settings(machine, 'Zed', 'settings.json')
      : underHome(machine, '.config', 'zed', 'settings.json'),
  syntax: 'json',
  section: 'context_servers',
  entry: (connection) => ({ url: connection.endpoint, ...headersField(connection) }),
};
