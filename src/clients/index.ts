import type { ClientFile } from './client-file.ts';
import type { ClientGuide, Connection } from './connection.ts';
import { claudeCode, claudeCodeFile } from './claude-code.ts';
import { claudeDesktop, claudeDesktopFile } from './claude-desktop.ts';
import { codexFile } from './codex.ts';
import { chatgpt, claudeAi } from './connectors.ts';
import { curl } from './curl.ts';
import { cursor, cursorFile } from './cursor.ts';
import { geminiFile } from './gemini.ts';
import { kiroFile } from './kiro.ts';
import { lmStudioFile } from './lm-studio.ts';
import { opencodeFile } from './opencode.ts';
import { vscode, vscodeFile } from './vscode.ts';
import { windsurfFile } from './windsurf.ts';
import { zedFile } from './zed.ts';

export type { ClientFile, Machine } from './client-file.ts';
export type { ClientGuide, Connection, Snippet } from './connection.ts';

/** How the clients that most people have are connected, in the order the start screen shows them. */
export function clientGuides(connection: Connection): readonly ClientGuide[] {
  return [claudeCode, claudeDesktop, cursor, vscode, curl].map((guide) => guide(connection));
}

/** Every client whose file can be written. */
export const CLIENT_FILES: readonly ClientFile[] = [
  claudeCodeFile,
  claudeDesktopFile,
  cursorFile,
  vscodeFile,
  codexFile,
  geminiFile,
  windsurfFile,
  zedFile,
  opencodeFile,
  kiroFile,
  lmStudioFile,
];

/** Clients on the web, which are told in their own settings. */
export const WEB_CLIENTS: readonly ((connection: Connection) => ClientGuide)[] = [claudeAi, chatgpt];
