import { access } from 'node:fs/promises';
import { resolve } from 'node:path';

/** What a configuration is called where none is named; the first that is there is taken. */
export const CONFIG_FILES = ['sallyport.yaml', 'sallyport.yml', 'sallyport.json'] as const;

/** The configuration in a folder, by its name there, or undefined. */
export async function findConfig(folder: string): Promise<string | undefined> {
  for (const name of CONFIG_FILES) {
    try {
      await access(resolve(folder, name));
      return name;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
