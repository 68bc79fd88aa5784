import { type ClientFile, settings } from './client-file.ts';
import { headersField } from './connection.ts';
import type { ClientGuide, Connection } from './connection.ts';
import { shellLine } from './shell.ts';

/**
 * VS Code: `code --add-mcp '{…}'` writes the user's own profile; `.vscode/mcp.json` keeps its servers under `servers`
 * (https://code.visualstudio.com/docs/copilot/reference/mcp-configuration). That file is usually committed, so the
 * token is not in it: an `inputs` entry lets VS Code ask for it once and keep it in its secret store.
 */
export function vscode(connection: Connection): ClientGuide {
  const { name, endpoint, platform, token } = connection;
  const entry = { type: 'http', url: endpoint };
  const added = { name, ...entry, ...headersField(connection) };
  const input = {
    type: 'promptString',
    id: `${name}-token`,
    description: `Token of ${name}`,
    password: true,
  };
  const workspace =
    token === null
      ? { servers: { [name]: entry } }
      : {
          inputs: [input],
          servers: { [name]: { ...entry, headers: { Authorization: `Bearer \${input:${input.id}}` } } },
        };
  return {
    id: 'vscode',
    title: 'VS Code',
    snippets: [
      { kind: 'command', text: shellLine(['code', '--add-mcp', JSON.stringify(added)], platform) },
      { kind: 'file', where: '.vscode/mcp.json', text: JSON.stringify(workspace) },
      // The same object as after --add-mcp, in the address of VS Code's own kind.
      { kind: 'link', text: `vscode:mcp/install?${encodeURIComponent(JSON.stringify(added))}` },
    ],
  };
}

/** The user's own profile, which is nobody else's, so that the token may stand in it. */
export const vscodeFile: ClientFile = {
  id: 'vscode',
  title: 'VS Code',
  place: (machine) => settings(machine, 'Code', 'User', 'mcp.json'),
  syntax: 'json',
  section: 'servers',
  entry: (connection) => ({ type: 'http', url: connection.endpoint, ...headersField(connection) }),
};
