import { resolve } from 'node:path';
import { z } from 'zod';
import { processText } from './fields.ts';

/** What a local command is kept from. */
export interface Sandbox {
  readonly kind: 'bwrap';
  /** May it reach the network? */
  readonly network: boolean;
  /** Folders that it may write to. Absolute. */
  readonly write: readonly string[];
}

const kind = z.literal('bwrap').describe('bubblewrap, which needs Linux and the program bwrap.');

/** The key `sandbox` of a local command. */
export const sandboxKey = z
  .union([
    kind.transform((name) => ({ kind: name, network: false, write: [] as string[] })),
    z.strictObject({
      kind,
      network: z.boolean().default(false).describe('true lets it reach the network.'),
      write: z
        .array(processText)
        .default([])
        .describe("Folders it may write to, relative to the configuration's."),
    }),
  ])
  .optional()
  .describe(
    'bwrap keeps it in a sandbox: it may read everything and write nothing, has a /tmp of its own, no network, and sees no other process. {kind: bwrap, network: true, write: [FOLDER]} gives some of that back. See containers.md.',
  );

/** @param folder what relative paths start from */
export function resolveSandbox(entry: z.output<typeof sandboxKey>, folder: string): Sandbox | undefined {
  return entry && { ...entry, write: entry.write.map((path) => resolve(folder, path)) };
}
