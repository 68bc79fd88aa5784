import { resolve } from 'node:path';
import { z } from 'zod';

/** What is done about servers that change what they say of themselves. */
export type PinsConfig = z.output<typeof section>;

const section = z.strictObject({
  mode: z
    .enum(['off', 'warn', 'enforce'])
    .default('warn')
    .describe(
      'warn: what changed is told in the log. enforce: what is new or changed is kept from models until `sallyport pins accept`. off: nobody looks.',
    ),
  file: z
    .string()
    .optional()
    .describe(
      "The lock file, relative to the configuration's folder; made to be kept in git. Default: sallyport.lock in the home.",
    ),
});

export const pins = section
  .prefault({})
  .describe(
    'Pins: tools, prompts, resource templates and instructions stay what they were when somebody agreed to them.',
  );

/** Paths that stand in the configuration, from its own folder. */
export function resolvePins(config: PinsConfig, folder: string): PinsConfig {
  return config.file === undefined ? config : { ...config, file: resolve(folder, config.file) };
}
