import { z } from 'zod';

/** What one look has shown. */
export const stepOutput = z.object({
  step: z.string(),
  status: z
    .enum(['ok', 'warning', 'failed', 'skipped'])
    .describe('warning: it works, but not with every client; skipped: an earlier step has to work first'),
  detail: z.string().describe('What was found'),
  remedy: z.string().nullable().describe('What to do about it'),
});

export type Step = z.infer<typeof stepOutput>;

export function ok(step: string, detail: string): Step {
  return { step, status: 'ok', detail, remedy: null };
}

export function warning(step: string, detail: string, remedy: string): Step {
  return { step, status: 'warning', detail, remedy };
}

export function failed(step: string, detail: string, remedy: string): Step {
  return { step, status: 'failed', detail, remedy };
}

export function skipped(step: string, detail: string, remedy: string | null = null): Step {
  return { step, status: 'skipped', detail, remedy };
}
