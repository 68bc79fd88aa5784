import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ToolFailure } from './failure.ts';
import type { HtmlText } from './html-text.ts';

/** Two megabytes of ordinary HTML take half a second. */
const TIMEOUT_MS = 5000;
const MEMORY_MB = 256;

/** Beside this file, in whichever form this file runs: `.ts` from the sources, `.js` when built. */
const WORKER = new URL(`./html-worker${extname(import.meta.filename)}`, import.meta.url);

/**
 * Makes text of HTML in a thread of its own. Two megabytes of unclosed tags keep the parser busy for a minute; here that
 * costs a core for some seconds, and nobody else has to wait.
 * @throws {ToolFailure} when the page takes too long or too much memory
 */
export async function readHtml(html: string, signal: AbortSignal): Promise<HtmlText> {
  signal.throwIfAborted();
  const worker = new Worker(WORKER, {
    workerData: html,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const [text] = (await once(worker, 'message', { signal: AbortSignal.any([signal, timeout]) })) as [
      HtmlText,
    ];
    return text;
  } catch (error) {
    signal.throwIfAborted();
    throw new ToolFailure('The page is built in a way that cannot be made into text in reasonable time.', {
      cause: error,
    });
  } finally {
    await worker.terminate();
  }
}
