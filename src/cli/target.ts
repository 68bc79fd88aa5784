import { readEndpoint } from './endpoint-file.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { findHome, homePath } from './home.ts';
import type { Io } from './io.ts';
import { readToken } from './token.ts';

/** The MCP endpoint a command talks to, and what it shows at the door. */
export interface Target {
  readonly url: URL;
  readonly token: string | null;
}

export interface TargetOptions {
  readonly url?: string;
  readonly token?: string;
}

/**
 * The endpoint from `--url`, else the gateway that runs from this home; the token from `--token` or `SALLYPORT_TOKEN`,
 * else that of the home. The home's token goes to the home's gateway only: `--url` must not be a way to have it sent
 * somewhere else.
 * @throws Failure where nothing is named and nothing runs.
 */
export async function resolveTarget(options: TargetOptions, io: Io): Promise<Target> {
  const home = homePath(io.env);
  const known = await findHome(home);
  const running = known ? await readEndpoint(home) : null;
  if (options.url === undefined && running === null) {
    throw new Failure(EXIT.UNREACHABLE, `no gateway is running from ${home}`, [
      'sallyport up          starts one',
      '--url http://…/mcp    names another one',
    ]);
  }
  const url = options.url === undefined ? new URL(running?.endpoint ?? '') : endpointUrl(options.url);
  const told = options.token ?? io.env['SALLYPORT_TOKEN'];
  if (told !== undefined && told !== '') return { url, token: told };
  const ours =
    running !== null && running.auth === 'token' && new URL(running.endpoint).origin === url.origin;
  return { url, token: ours ? await readToken(home) : null };
}

/** `http://host:port` alone means its `/mcp`. */
function endpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Failure(EXIT.USAGE, `--url ${text} is not an http or https address`, [
      'for example --url http://127.0.0.1:8080/mcp',
    ]);
  }
  if (url.pathname === '/') url.pathname = '/mcp';
  return url;
}
