import { join } from 'node:path';
import type { SecretSource } from '../config/secret-source.ts';
import { SecretStore } from '../store/secret-store.ts';
import { findHome, homePath } from './home.ts';

/** Where the secrets of a home are kept. */
export function secretStore(home: string): SecretStore {
  return new SecretStore(join(home, 'secrets'));
}

/** The kept secrets as the configuration asks for them. A home is not made for it. */
export function secretSource(env: NodeJS.ProcessEnv): SecretSource {
  const home = homePath(env);
  const store = secretStore(home);
  return {
    file: store.file,
    read: async (name) => ((await findHome(home)) ? store.read(name) : undefined),
  };
}
