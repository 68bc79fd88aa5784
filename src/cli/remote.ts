import type { HttpServer, ProtocolVersion, ServerConfig, UpstreamAuth } from '../config/schema.ts';
import { plainServerName } from '../config/server-name.ts';
import { parseServerUrl } from '../config/web-names.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';
import type { Io } from './io.ts';
import { isLoopback } from './loopback.ts';

/** A remote server as the command line names it. */
export interface RemoteOptions {
  /** `Name: value` lines. */
  readonly header?: readonly string[];
  readonly bearer?: string;
  readonly protocol?: ProtocolVersion;
  readonly transport?: 'http' | 'sse';
  readonly allowPrivate?: boolean;
}

/**
 * The configuration of a server behind a URL. What the command line says of it is checked here, since no file is read.
 * @throws Failure for a URL or a header that is none
 */
export function remoteServer(url: string, options: RemoteOptions, io: Io): ServerConfig & HttpServer {
  const reading = parseServerUrl(url);
  if ('problem' in reading)
    // The address is not repeated: it may have a password in it.
    throw new Failure(EXIT.USAGE, `the address of the server: ${reading.problem}`, [
      'for example https://mcp.example.com/mcp; what it asks for goes into --header or --bearer',
    ]);
  const headers = headersOf(options, io.env);
  const { protocol: scheme, hostname, host } = new URL(url);
  if (Object.keys(headers).length > 0 && scheme === 'http:' && !isLoopback(hostname))
    io.stderr.write(`warning: the headers go to ${host} unencrypted (http)\n`);
  return {
    name: plainServerName(hostname) ?? 'server',
    kind: 'http',
    url,
    headers,
    type: options.transport,
    ...(options.protocol !== undefined && { protocol: options.protocol }),
    ...(options.allowPrivate && { allowPrivate: true }),
  };
}

/** The OAuth client, as far as the command line names it. */
export interface AuthOptions {
  readonly clientId?: string;
  readonly clientMetadataUrl?: string;
  readonly scope?: string;
  readonly callbackPort?: number;
}

/** The secret of the client comes from the environment: a command line can be read by every program of the machine. */
export function authOf(options: AuthOptions, env: NodeJS.ProcessEnv): UpstreamAuth | undefined {
  const { clientId, clientMetadataUrl, scope, callbackPort } = options;
  const clientSecret = clientId === undefined ? undefined : env['SALLYPORT_CLIENT_SECRET'];
  if ((clientId ?? clientMetadataUrl ?? scope ?? callbackPort) === undefined) return undefined;
  return { grant: 'authorization_code', clientId, clientSecret, clientMetadataUrl, scope, callbackPort };
}

function headersOf({ header = [], bearer }: RemoteOptions, env: NodeJS.ProcessEnv): Record<string, string> {
  const headers = Object.fromEntries(header.map(headerOf));
  const token = bearer ?? env['SALLYPORT_TOKEN'];
  return token === undefined || token === '' ? headers : { ...headers, Authorization: `Bearer ${token}` };
}

/** RFC 9110, 5.5 and 5.6.2: a token, a colon, and a value in one line. */
function headerOf(line: string): [string, string] {
  const [, name, value] = /^([\w!#$%&'*+.^`|~-]+)\s*:[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
  if (name !== undefined && value !== undefined) return [name, value.trimEnd()];
  // Not the line itself: it may hold a secret.
  throw new Failure(EXIT.USAGE, 'a --header is not of the form "Name: value"', [
    `for example --header 'X-Api-Key: …'`,
  ]);
}
