import { type ClientFile, underHome } from './client-file.ts';
import { authorization, headersField } from './connection.ts';
import type { ClientGuide, Connection } from './connection.ts';
import { shellLine } from './shell.ts';

/**
 * Claude Code: `claude mcp add --transport http NAME URL --header "…"` (https://code.claude.com/docs/en/mcp).
 * `--header` takes several values, so it stands last, where it cannot swallow the name or the URL.
 */
export function claudeCode(connection: Connection): ClientGuide {
  const words = ['claude', 'mcp', 'add', '--transport', 'http', connection.name, connection.endpoint];
  const value = authorization(connection);
  if (value !== null) words.push('--header', `Authorization: ${value}`);
  return {
    id: 'claude-code',
    title: 'Claude Code',
    snippets: [{ kind: 'command', text: shellLine(words, connection.platform) }],
  };
}

/** The servers of the user, for every project. */
export const claudeCodeFile: ClientFile = {
  id: 'claude-code',
  title: 'Claude Code',
  place: (machine) => underHome(machine, '.claude.json'),
  syntax: 'json',
  section: 'mcpServers',
  entry: (connection) => ({ type: 'http', url: connection.endpoint, ...headersField(connection) }),
  after: () => 'In a session that runs, /mcp connects it.',
};
