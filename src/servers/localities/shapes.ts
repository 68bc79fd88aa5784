import { z } from 'zod';
import type { Commune, Division, Origin } from './commune.ts';

/** What the tools answer with, as their output schemas say it. */

export const division = z.object({ code: z.string(), name: z.string() });

export const source = z
  .object({
    name: z.string(),
    date: z.string().describe('The year of the data, or when it was asked for'),
    licence: z.string(),
  })
  .describe('Where the data is from') satisfies z.ZodType<Origin>;

export const communeOutput = z.object({
  code: z.string().describe('The code of INSEE'),
  name: z.string(),
  postal_codes: z.array(z.string()),
  department: division,
  region: division,
  population: z.int().nullable().describe('Inhabitants; null where nobody is counted'),
});
export type CommuneOutput = z.infer<typeof communeOutput>;

/** A commune as a tool shows it. */
export function asOutput(commune: Commune): CommuneOutput {
  const { code, name, postalCodes, department, region, population } = commune;
  return {
    code,
    name,
    postal_codes: [...postalCodes],
    department: plain(department),
    region: plain(region),
    population,
  };
}

export function plain({ code, name }: Division): Division {
  return { code, name };
}

export const nameInput = z.string().trim().min(1).max(100);
export const communeCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^(?:\d{2}|2[AB])\d{3}$/, 'A code of INSEE has five characters: "35238", "2A004".');
