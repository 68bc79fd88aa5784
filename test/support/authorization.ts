import { join } from 'node:path';
import { PERSON } from '../../src/auth/server/testing.ts';
import { freePort } from '../bench/free-port.ts';
import { environment, type Config, type Gateway, startGateway } from './gateway.ts';
import { SALLYPORT, start, temporaryFolder, type TemporaryFolder } from './processes.ts';

/** A home with a person in it, and a port that stays, for a gateway with an authorization server of its own. */
export interface AuthHome extends Disposable {
  readonly folder: TemporaryFolder;
  readonly port: number;
  /** Starts a gateway there; the one before has to be gone. */
  gateway(config: Config): Promise<Gateway>;
  /** Runs a command in this home. @throws when it does not end well */
  run(args: readonly string[], input?: string): Promise<string>;
  /** Makes a client for people, without a secret unless it is wanted. */
  client(redirect: string, isConfidential?: boolean): Promise<{ id: string; secret: string | undefined }>;
}

/** Makes a home, and lets one person in. */
export async function authHome(): Promise<AuthHome> {
  const folder = temporaryFolder();
  const port = await freePort();
  const env = environment(folder);
  const home: AuthHome = {
    folder,
    port,
    gateway: (config) =>
      startGateway({
        config,
        args: ['--listen', `127.0.0.1:${port}`],
        env: { SALLYPORT_HOME: join(folder.path, 'home') },
      }),
    async run(args, input) {
      const program = start(process.execPath, [SALLYPORT, ...args], {
        env,
        cwd: folder.path,
        ...(input === undefined ? {} : { input }),
      });
      const { code } = await program.ended;
      if (code !== 0) throw new Error(`sallyport ${args.join(' ')}: ${code}\n${program.stderr()}`);
      return program.stdout();
    },
    async client(redirect, isConfidential = false) {
      const more = isConfidential ? [] : ['--public'];
      const args = ['client', 'create', '--name', 'test', '--grant', 'authorization_code'];
      const made = await home.run([...args, '--redirect', redirect, '--json', ...more]);
      const { client_id: id, client_secret: secret } = JSON.parse(made) as Record<string, string>;
      return { id: id ?? '', secret };
    },
    [Symbol.dispose]: () => folder.remove(),
  };
  await home.run(['user', 'add', PERSON.name, '--role', 'dev'], `${PERSON.password}\n`);
  return home;
}
