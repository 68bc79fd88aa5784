// The two ways to the suite's mock server that lead through Sallyport.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const SALLYPORT = join(import.meta.dirname, '../../bin/sallyport.js');
/** The URL that the suite's authorization server accepts without fetching it. */
const METADATA_URL = 'https://conformance-test.local/client-metadata.json';

/** A home of its own, and a browser that clicks through by itself. */
function surroundings(context) {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-client-'));
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return {
    home,
    env: {
      PATH: `${join(process.execPath, '..')}:${PATH}`,
      NODE_COMPILE_CACHE,
      HOME: home,
      SALLYPORT_HOME: join(home, 'sallyport'),
      BROWSER: join(import.meta.dirname, 'client-browser.mjs'),
      ...(context.client_secret && { SALLYPORT_CLIENT_SECRET: context.client_secret }),
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** `sallyport connect`, for a client that starts commands. */
export function throughConnect({ url, context, isAuth, protocol }) {
  const { env, remove } = surroundings(context);
  const args = [SALLYPORT, 'connect', url];
  if (protocol !== undefined) args.push('--protocol', protocol);
  if (isAuth) args.push('--login', '--client-metadata-url', METADATA_URL);
  if (context.client_id) args.push('--client-id', context.client_id);
  return {
    command: { command: process.execPath, args, env, stderr: 'inherit' },
    close: async () => remove(),
  };
}

/** `sallyport up` with the mock in its config, after `sallyport login` where the scenario is about that. */
export async function throughGateway({ url, context, isAuth, protocol, grant }) {
  const { env, home, remove } = surroundings(context);
  const config = join(home, 'sallyport.json');
  const auth = {
    clientMetadataUrl: METADATA_URL,
    ...(grant && { grant }),
    ...(context.client_id && { clientId: context.client_id, clientSecret: context.client_secret }),
  };
  const upstream = { url, ...(protocol && { protocol }), ...(isAuth && { auth }) };
  writeFileSync(config, JSON.stringify({ mcpServers: { upstream } }));
  const run = (...args) =>
    spawn(process.execPath, [SALLYPORT, ...args, '--config', config], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const logIn = async () => void (await once(run('login', 'upstream'), 'close'));
  // A client that is its own user needs nobody to log in.
  if (isAuth && !grant) await logIn();
  const gateway = run('up', '--json', '--no-auth', '--listen', '127.0.0.1:0', '--log-level', 'warn');
  const [line] = await once(gateway.stdout, 'data');
  const { endpoint } = JSON.parse(String(line));
  return {
    endpoint,
    logIn: async () => {
      await logIn();
      // The gateway looks for itself: at the next call, or when it tries again to connect.
      await pause(500);
    },
    close: async () => {
      gateway.kill('SIGTERM');
      await Promise.race([once(gateway, 'exit'), pause(3000)]);
      if (gateway.exitCode === null) gateway.kill('SIGKILL');
      remove();
    },
  };
}
