import type { Rate } from './rate-limits.ts';
import type { Config } from './schema.ts';

/** How often one may knock: who has not proved who he is, by address, and who has. */
export interface DoorRates {
  readonly perAddress: Rate | undefined;
  readonly perUser: Rate | undefined;
}

/** 10/s with a burst of 20, and 5/s with a burst of 10: those of the schema. */
export const DEFAULT_RATES: DoorRates = {
  perAddress: { intervalMs: 100, burst: 20 },
  perUser: { intervalMs: 200, burst: 10 },
};

/**
 * The rates that hold. Where only this machine gets in, there is nobody to be protected from: whoever is here could as
 * well take the processor. So nothing is limited there, unless the configuration says so.
 */
export function doorRatesOf({
  rateLimits,
  listen,
  publicUrl,
}: Pick<Config, 'rateLimits' | 'listen' | 'publicUrl'>): DoorRates | undefined {
  if (rateLimits) return rateLimits;
  return isLoopback(listen.host) && publicUrl === undefined ? undefined : DEFAULT_RATES;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
