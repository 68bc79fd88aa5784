/** Characters that no shell we write for takes apart. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * One word of a shell line: as it is where it is plain, else quoted. POSIX shells get single quotes; `cmd` and
 * PowerShell get double quotes with `\"`, the form curl, node and VS Code's command line read back.
 */
export function shellWord(text: string, platform: NodeJS.Platform): string {
  if (PLAIN.test(text)) return text;
  if (platform === 'win32') return `"${text.replaceAll('"', '\\"')}"`;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A shell line of these words. */
export function shellLine(words: readonly string[], platform: NodeJS.Platform): string {
  return words.map((word) => shellWord(word, platform)).join(' ');
}
