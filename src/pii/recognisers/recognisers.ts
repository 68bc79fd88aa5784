import type { Recogniser } from '../recogniser.ts';
import { email } from './email.ts';
import { krRrn } from './kr-rrn.ts';

/** Every built-in recogniser. */
export const RECOGNISERS: readonly Recogniser[] = [email, krRrn];
