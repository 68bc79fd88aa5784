import { connect } from 'node:net';
import { fail, type InsideCheck, ok, skip } from '../check.ts';

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
  async look({ config, running }) {
    const listen = config?.loaded?.config.listen;
    if (!listen) return skip('the config does not say where');
    const { host, port } = listen;
    const ours = running && Number(new URL(running.endpoint).port) === port;
    const isTaken = await answers(host, port);
    if (ours)
      return isTaken
        ? ok(`${host}:${port}, held by the gateway (process ${running.pid})`)
        : fail(`the gateway says it is at ${running.endpoint}, and nothing answers there`, 'sallyport up');
    return isTaken
      ? fail(
          `${host}:${port} is held by another program`,
          `ss -ltnp 'sport = :${port}'   shows which; or take another port with listen: in the config`,
        )
      : ok(`${host}:${port} is free`);
  },
};

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
