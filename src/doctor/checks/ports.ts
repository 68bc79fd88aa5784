import { connect } from 'node:net';
import { addressOf } from '../../config/own-address.ts';
import type { ListenConfig } from '../../config/tls.ts';
import { fail, type InsideCheck, ok, skip } from '../check.ts';
import { knock } from '../knock.ts';
import { parsed } from '../mcp.ts';

/** Something of this machine answers at once, or it is not there. Milliseconds. */
const PATIENCE_MS = 2000;

export const ports: InsideCheck = {
  name: 'ports',
  side: 'inside',
  looksAt: 'the port that the gateway listens on',
  needs: ['config'],
  symptoms: [
    {
      sees: 'sallyport up ends with exit code 3: the address is taken',
      cause: 'Another program has the port.',
      remedy: 'find it with `ss -ltnp`, or take another port with listen: in the config',
    },
  ],
  async look({ config, running }, signal) {
    const listen = config?.loaded?.config.listen;
    if (!listen) return skip('the config does not say where');
    const { host, port } = listen;
    const isTaken = await answers(host, port);
    if (!isTaken)
      return running
        ? fail(
            `the gateway (process ${running.pid}) runs, and nothing answers at ${host}:${port}`,
            'sallyport up',
          )
        : ok(`${host}:${port} is free`);
    // Whose it is cannot be asked; what speaks as a gateway, while one runs from this home, is taken for that.
    if (running && (await isGateway(listen, signal)))
      return ok(`${host}:${port}, held by the gateway (process ${running.pid})`);
    return fail(
      `${host}:${port} is held by another program`,
      `ss -ltnp 'sport = :${port}'   shows which; or take another port with listen: in the config`,
    );
  },
};

async function isGateway({ host, port, tls }: ListenConfig, signal: AbortSignal): Promise<boolean> {
  const url = new URL('/health', addressOf({ host, port, tls }));
  const answer = await knock(url, { once: true, unverified: true, signal }, () => undefined, {
    ca: undefined,
  }).catch(() => undefined);
  return answer?.status === 200 && parsed(answer.text)?.['status'] !== undefined;
}

function answers(host: string, port: number): Promise<boolean> {
  const isAny = host === '0.0.0.0' || host === '::' || host === '';
  return new Promise((resolve) => {
    const socket = connect({ host: isAny ? '127.0.0.1' : host, port, timeout: PATIENCE_MS });
    const say = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.on('connect', () => say(true));
    socket.on('error', () => say(false));
    socket.on('timeout', () => say(false));
  });
}
