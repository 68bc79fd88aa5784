import type { WebClient } from '@slack/web-api';
import { setTimeout as wait } from 'node:timers/promises';
import { apiFetch } from '../api-fetch.ts';

export interface SlackOptions {
  readonly token: string;
  readonly slackApiUrl: string;
  /** For everything that a call of a tool asks of Slack, waiting included. */
  readonly timeoutMs: number;
}

/** A call of a tool, as it asks Slack. */
export interface Slack {
  /**
   * Asks, and asks again where Slack was asked too often or had a problem of its own.
   * @param isSafe nothing changes when it is asked twice. Else it is asked again only where Slack says that it was too
   *   often, since then it has not done it
   * @returns rejects with what `explain` explains
   */
  ask<T>(request: (client: WebClient) => Promise<T>, isSafe?: boolean): Promise<T>;
}

const MOST_ATTEMPTS = 4;
const FIRST_WAIT_MS = 300;

/** The logger of the library writes to stdout, where a server on stdio speaks MCP. */
const SILENT = {
  debug(): void {},
  info(): void {},
  warn(): void {},
  error(): void {},
  setLevel(): void {},
  setName(): void {},
  getLevel: () => 'error',
};

/**
 * Ways to the Web API of Slack. Each call of a tool gets a client of its own, which ends with the call.
 * @returns takes the signal of the call
 */
export function slackApi({
  token,
  slackApiUrl,
  timeoutMs,
}: SlackOptions): (signal: AbortSignal) => Promise<Slack> {
  const fetch = apiFetch(slackApiUrl);
  return async (caller) => {
    // Loaded with the first call: it is large, and many a server is started only to be listed.
    const { WebClient: Client } = await import('@slack/web-api');
    const deadline = performance.now() + timeoutMs;
    const signal = AbortSignal.any([caller, AbortSignal.timeout(timeoutMs)]);
    const client = new Client(token, {
      slackApiUrl,
      fetch: (url, init) =>
        fetch(url, { method: init?.method, headers: init?.headers, body: textOf(init?.body), signal }),
      // The library would wait as long as Slack says, for all calls, and would try for half an hour.
      rejectRateLimitedCalls: true,
      retryConfig: { retries: 0 },
      allowAbsoluteUrls: false,
      // The type wants an enum of a package that is not ours.
      logger: SILENT as NonNullable<ConstructorParameters<typeof Client>[1]>['logger'],
    });
    return {
      async ask(request, isSafe = true) {
        for (let attempt = 1; ; attempt += 1) {
          try {
            return await request(client);
          } catch (error) {
            caller.throwIfAborted();
            const waitMs = waitBefore(error, isSafe, FIRST_WAIT_MS * 2 ** (attempt - 1));
            const isLate = waitMs === undefined || performance.now() + waitMs > deadline;
            if (isLate || attempt === MOST_ATTEMPTS) throw error;
            await wait(waitMs, undefined, { signal: caller });
          }
        }
      },
    };
  };
}

/** How long to wait before it makes sense to ask again, in milliseconds; undefined when it does not. */
function waitBefore(error: unknown, isSafe: boolean, usualMs: number): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'WebAPIRateLimitedError' && 'retryAfter' in error)
    return typeof error.retryAfter === 'number' ? error.retryAfter * 1000 : undefined;
  if (!isSafe) return undefined;
  if (error.name === 'WebAPIHTTPError' && 'statusCode' in error)
    return Number(error.statusCode) >= 500 ? usualMs : undefined;
  return error.name === 'WebAPIRequestError' ? usualMs : undefined;
}

/** The library sends forms; only files would be something else, and none are sent here. */
function textOf(body: unknown): string {
  return typeof body === 'string' ? body : '';
}
