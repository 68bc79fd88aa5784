/** What the built-in recognisers find. The Korean ones bear the names that Presidio gave them. */
export const ENTITY_TYPES = [
  'EMAIL_ADDRESS',
  'PHONE_NUMBER',
  'PERSON',
  'ADDRESS',
  'CREDIT_CARD',
  'IBAN',
  'IP_ADDRESS',
  'MAC',
  'SECRET',
  'KR_RRN',
  'KR_FRN',
  'KR_BRN',
  'KR_PASSPORT',
  'KR_DRIVER_LICENSE',
  'KR_BANK_ACCOUNT',
  'US_SSN',
  'FR_NIR',
  'FR_SIRET',
] as const;

export type EntityType = (typeof ENTITY_TYPES)[number];

/** One find: `text.slice(start, end)` of the text as it was given, in UTF-16 units. */
export interface Entity {
  /** An `EntityType`, or the name of a pattern of one's own. */
  readonly type: string;
  readonly start: number;
  readonly end: number;
  /** How sure it is, above 0 and at most 1. */
  readonly score: number;
}

/** From this score on a find counts: below it are shapes that many harmless numbers have. */
export const DEFAULT_THRESHOLD = 0.5;
