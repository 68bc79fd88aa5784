import type { Recogniser } from '../recogniser.ts';
import { address, addressValue, koreanAddress } from './address.ts';
import { creditCard } from './credit-card.ts';
import { email } from './email.ts';
import { frNir, frNirOfCorsica } from './fr-nir.ts';
import { frSiret } from './fr-siret.ts';
import { iban } from './iban.ts';
import { ipv4, ipv6 } from './ip-address.ts';
import { jsonPair } from './json-pair.ts';
import { krBankAccount } from './kr-bank-account.ts';
import { krBrn } from './kr-brn.ts';
import { krDriverLicense } from './kr-driver-license.ts';
import { krPassport } from './kr-passport.ts';
import { krRrn } from './kr-rrn.ts';
import { macInGroups, macWithColons, macWithHyphens } from './mac-address.ts';
import {
  honorific,
  koreanColon,
  koreanLabel,
  koreanRole,
  koreanRoleOfLabel,
  koreanValue,
} from './person-korean.ts';
import { latinLabel, latinValue, titled } from './person-latin.ts';
import { internationalPhone, phone } from './phone.ts';
import { connectionString, privateKey, secretAssigned, secretToken, secretValue } from './secret.ts';
import { usSsn } from './us-ssn.ts';

/** Every built-in recogniser. */
export const RECOGNISERS: readonly Recogniser[] = [
  email,
  phone,
  internationalPhone,
  krRrn,
  krBrn,
  krPassport,
  krDriverLicense,
  krBankAccount,
  creditCard,
  iban,
  ipv4,
  ipv6,
  macWithColons,
  macWithHyphens,
  macInGroups,
  usSsn,
  frNir,
  frNirOfCorsica,
  frSiret,
  honorific,
  koreanLabel,
  koreanRole,
  koreanRoleOfLabel,
  koreanColon,
  koreanValue,
  titled,
  latinLabel,
  latinValue,
  address,
  koreanAddress,
  addressValue,
  jsonPair,
  secretToken,
  connectionString,
  secretAssigned,
  privateKey,
  secretValue,
];
