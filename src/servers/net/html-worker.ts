import { parentPort, workerData } from 'node:worker_threads';
import { htmlText } from './html-text.ts';

/** The thread that `readHtml` starts: one page in, its text out. */
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; a thread has no origin
parentPort?.postMessage(htmlText(String(workerData)));
