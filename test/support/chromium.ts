import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type BrowserContextOptions, type Page } from 'playwright-core';

/** The browser of this machine. Undefined where there is none. */
export const CHROMIUM: string | undefined = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
  .find((file) => existsSync(file));

/** Opens it without a window. */
export function openChromium(): Promise<Browser> {
  // Containers seldom let a browser build its own sandbox; the pages that it is shown are ours.
  return chromium.launch({
    ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

/** A person at a browser of their own: nothing is left of whoever was there before. */
export async function personAt(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  return context.newPage();
}
