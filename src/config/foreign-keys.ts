/** Whose a key is and what for; and, where somebody may rely on it, what there is here instead. */
export type About = readonly [of: string, instead?: string];

/**
 * Keys that other MCP clients write into their files and that have no effect here, with whose they are and, where
 * somebody could rely on them, what that means. A file with them is taken as it is, with a note.
 *
 * From the clients' own documentation and schemas, as of November 2026.
 */
export const FOREIGN_SERVER_KEYS: ReadonlyMap<string, About> = new Map([
  ['alwaysAllow', ['Roo Code: tools that run without asking']],
  ['alwaysLoad', ['Claude Code: tools that are loaded at once']],
  ['authProviderType', ['Gemini CLI: how to log in to a remote server']],
  ['autoApprove', ['Cline, Kiro: tools that run without asking']],
  ['description', ['text for people']],
  ['dev', ['VS Code: restarts and debugs the server']],
  ['deferTools', ['Copilot: when tools are loaded']],
  ['disabledTools', ['Kiro, Roo Code, Windsurf: tools to leave out', 'Here they are served all the same.']],
  ['excludeTools', ['Gemini CLI: tools to leave out', 'Here they are served all the same.']],
  ['extension', ['Gemini CLI: where the entry came from']],
  ['extensionName', ['Gemini CLI: where the entry came from']],
  ['filterMapping', ['Copilot: filters for what tools return']],
  ['gallery', ['VS Code: where the entry came from']],
  ['headersHelper', ['Claude Code: a command that prints headers', 'Here it is not run: write headers.']],
  ['icon', ['a picture for people']],
  ['iconUrl', ['a picture for people']],
  ['includeTools', ['Gemini CLI: the only tools to use', 'Here all are served.']],
  ['isDefaultServer', ['Copilot: where the entry came from']],
  ['logoUrl', ['a picture for people']],
  ['longRunning', ['Cherry Studio: waits longer']],
  ['metadata', ['notes of the client']],
  ['name', ['a title for people', 'The name of the server is its key.']],
  ['oauth', ['Claude Code, VS Code, Kiro, Gemini CLI: OAuth client of a remote server']],
  ['oidc', ['Copilot: how to log in to a remote server']],
  ['provider', ['Cherry Studio: where the entry came from']],
  ['providerUrl', ['Cherry Studio: where the entry came from']],
  ['registryUrl', ['Cherry Studio: where packages come from']],
  ['sandboxEnabled', ['VS Code: runs the command in a sandbox', 'Here that is sandbox: bwrap.']],
  ['scope', ['Claude Code: where the entry came from']],
  ['source', ['where the entry came from']],
  ['tags', ['words for people']],
  ['targetAudience', ['Gemini CLI: how to log in to a remote server']],
  ['targetServiceAccount', ['Gemini CLI: how to log in to a remote server']],
  ['timeout', ['a time limit whose unit differs from client to client', 'Here it is timeouts.call.']],
  ['title', ['a title for people']],
  ['tools', ['Copilot: the only tools to use', 'Here all are served.']],
  ['trust', ['Gemini CLI: tools run without asking']],
  ['version', ['VS Code: where the entry came from']],
  ['watchPaths', ['Roo Code: restarts the server']],
]);

/** Cursor's words for the OAuth client of a remote server, and ours. */
export const AUTH_KEY_ALIASES: ReadonlyMap<string, string> = new Map([
  ['CLIENT_ID', 'clientId'],
  ['CLIENT_SECRET', 'clientSecret'],
  ['scopes', 'scope'],
]);

/** The same for keys at the top of the file. */
export const FOREIGN_TOP_KEYS: ReadonlyMap<string, About> = new Map([
  ['coworkUserFilesPath', ['Claude Desktop']],
  ['globalShortcut', ['Claude Desktop']],
  ['inputs', ['VS Code: what it asks the user for']],
  ['isDxtAutoUpdatesEnabled', ['Claude Desktop']],
  ['isUsingBuiltInNodeForMcp', ['Claude Desktop']],
  ['locale', ['Claude Desktop']],
  ['preferences', ['Claude Desktop']],
  ['sandbox', ['VS Code: the sandbox of commands', 'Here each server has its own: sandbox: bwrap.']],
  ['scale', ['Claude Desktop']],
  ['userThemeMode', ['Claude Desktop']],
]);

/** Files in which a client keeps everything it has to remember, under names that change from month to month. */
export const FOREIGN_FILES: ReadonlySet<string> = new Set([
  // Claude Code
  '.claude.json',
  // Claude Desktop
  'claude_desktop_config.json',
  // Gemini CLI
  'settings.json',
]);

/** Other spellings of our keys. */
export const SERVER_KEY_ALIASES: ReadonlyMap<string, { readonly key: string; readonly type?: string }> =
  new Map([
    // Windsurf
    ['serverUrl', { key: 'url' }],
    // Gemini CLI, where `url` means SSE
    ['httpUrl', { key: 'url', type: 'http' }],
    // VS Code's gallery, and Cline's older files
    ['transport', { key: 'type' }],
    ['transportType', { key: 'type' }],
  ]);

/** Other spellings of a transport's type; in lower case, without `-` and `_`. */
export const TYPE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['stdio', 'stdio'],
  ['local', 'stdio'],
  ['http', 'http'],
  ['streamablehttp', 'http'],
  ['sse', 'sse'],
]);

/** Keys that hold a comment, where JSON has none, or a YAML anchor (`x-…`). Nobody needs to be told about them. */
export function isComment(key: string): boolean {
  return key.startsWith('//') || key.startsWith('x-') || /^[_$#]?comments?$/.test(key);
}
