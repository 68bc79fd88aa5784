import { spawn } from 'node:child_process';

/**
 * Opens a page in the person's browser, where there is one: `BROWSER`, else what the platform has. Never through a
 * shell, since the address comes from somebody else. Whether it worked is not known; the address is printed anyway.
 */
export function openBrowser(url: URL, env: NodeJS.ProcessEnv, platform = process.platform): void {
  const [command, args] = browserOf(env, platform);
  if (command === undefined) return;
  const child = spawn(command, [...args, url.href], { stdio: 'ignore', detached: true, env });
  child.on('error', () => {}); // None is there.
  child.unref();
}

function browserOf(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): [string | undefined, string[]] {
  const chosen = env['BROWSER'];
  if (chosen !== undefined && chosen !== '') return [chosen, []];
  if (platform === 'darwin') return ['open', []];
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler']];
  // Without a display it would only fail, or start a browser for terminals in the middle of our talk.
  const hasDisplay = env['DISPLAY'] !== undefined || env['WAYLAND_DISPLAY'] !== undefined;
  return [hasDisplay ? 'xdg-open' : undefined, []];
}
