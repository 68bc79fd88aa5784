import type { ClientGuide, Connection } from './connection.ts';
import { claudeCode } from './claude-code.ts';
import { claudeDesktop } from './claude-desktop.ts';
import { curl } from './curl.ts';
import { cursor } from './cursor.ts';
import { vscode } from './vscode.ts';

export type { ClientGuide, Connection, Snippet } from './connection.ts';

/** How each client we know is connected, in the order the start screen shows them. */
export function clientGuides(connection: Connection): readonly ClientGuide[] {
  return [claudeCode, claudeDesktop, cursor, vscode, curl].map((guide) => guide(connection));
}
