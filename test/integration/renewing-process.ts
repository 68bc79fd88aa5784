/**
 * A process of its own that has a login at a remote server: `renewing-process.ts URL FOLDER`. It says when it is there, and
 * for each message that it is sent it asks the server once, and says with what.
 */
import { OAuthCredentials } from '../../src/upstream/oauth/credentials.ts';

const [, , url = '', folder = ''] = process.argv;
const server = { kind: 'http', url, headers: {}, type: undefined } as const;
const credentials = new OAuthCredentials({ server, folder, advice: 'log in' });

async function ask(): Promise<void> {
  const headers = await credentials.headers();
  const { status } = await fetch(url, { method: 'POST', body: '{}', headers: { ...headers } });
  process.send?.({ status, authorization: headers['authorization'] });
}

process.on('message', () => void ask());
process.send?.('ready');
