import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { childEnvironment } from '../../process.ts';
import { ask, type Engine } from '../engine.ts';
import { EgressProxy } from './proxy.ts';
import { PROXY_PORT } from './variables.ts';

/** Beside this file, in whichever form this file runs: `.ts` from the sources, `.js` when built. */
const RELAY = join(import.meta.dirname, `relay-process${extname(import.meta.filename)}`);
const PAUSE_MS = 50;

/** The way out of one container: it has no network, but for a port that leads to a proxy with an allow-list. */
export class Egress {
  readonly #proxy: EgressProxy;
  readonly #socket: string;
  #relay: ChildProcess | undefined;

  /** @param folder a private one, for the socket of the proxy */
  constructor(allowed: readonly string[], folder: string) {
    this.#proxy = new EgressProxy(allowed);
    this.#socket = join(folder, 'egress');
  }

  /**
   * Opens it in the container that is being started.
   * @param over aborts when the container has ended
   * @throws {Error} where that cannot be done; the container then has no network at all
   */
  async open(engine: Engine, cidFile: string, over: AbortSignal): Promise<void> {
    await this.#proxy.listen(this.#socket);
    const pid = await pidOf(engine, cidFile, over);
    over.throwIfAborted();
    const command = [
      '--target',
      pid,
      '--net',
      '--',
      process.execPath,
      RELAY,
      this.#socket,
      String(PROXY_PORT),
    ];
    const relay = spawn('nsenter', command, { env: childEnvironment({}), stdio: ['pipe', 'pipe', 'pipe'] });
    this.#relay = relay;
    let said = '';
    relay.stdin.on('error', () => {});
    relay.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const failed = new Promise<string>((settle) => {
      relay.once('error', (error) => settle(error.message));
      relay.once('close', () => settle(said.trim()));
    });
    const problem = await Promise.race([once(relay.stdout, 'data').then(() => undefined), failed]);
    if (problem !== undefined)
      throw new Error(
        `an allow-list for network needs the rights of root over a container on this machine, and this cannot be had here (${problem}): network: egress opens it wholly, network: none not at all`,
      );
  }

  close(): void {
    this.#relay?.kill('SIGKILL');
    this.#proxy.close();
  }
}

/** The process of a container that is being started, as this machine numbers it. */
async function pidOf(engine: Engine, cidFile: string, over: AbortSignal): Promise<string> {
  for (;;) {
    over.throwIfAborted();
    const id = await readFile(cidFile, 'utf8').catch(() => '');
    if (id !== '') {
      const { stdout } = await ask(engine, ['inspect', '--format', '{{.State.Pid}}', id.trim()]);
      if (/^[1-9]\d*$/.test(stdout.trim())) return stdout.trim();
    }
    await delay(PAUSE_MS);
  }
}
