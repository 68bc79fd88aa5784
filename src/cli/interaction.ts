import { join } from 'node:path';
import type { Interaction } from '../upstream/oauth/flow.ts';
import { openBrowser } from './browser.ts';
import type { Io } from './io.ts';

/** How long a person may take to log in, in milliseconds. */
const LOGIN_MS = 5 * 60_000;

/** Where logins at remote servers are kept. */
export function loginFolder(home: string): string {
  return join(home, 'oauth');
}

/** Shows a person where to log in, on stderr and in the browser. */
export function interaction(io: Io, more: { signal?: AbortSignal; browser?: boolean } = {}): Interaction {
  const timeout = AbortSignal.timeout(LOGIN_MS);
  return {
    signal: more.signal ? AbortSignal.any([timeout, more.signal]) : timeout,
    open(url) {
      io.stderr.write(`Log in here:\n\n  ${url.href}\n\n`);
      if (more.browser !== false) openBrowser(url, io.env);
    },
  };
}
