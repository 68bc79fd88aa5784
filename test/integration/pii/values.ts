import type { EntityType } from '../../../src/pii/entity.ts';
import type { Random } from './random.ts';

const two = (n: number): string => String(n).padStart(2, '0');
const HEX = '0123456789abcdef';

function luhn(body: string): string {
  const sum = Array.from(body)
    .toReversed()
    .reduce((total, char, i) => {
      const digit = Number(char) * (i % 2 === 0 ? 2 : 1);
      return total + (digit > 9 ? digit - 9 : digit);
    }, 0);
  return body + String((10 - (sum % 10)) % 10);
}

function mod97(country: string, bban: string): string {
  const numeric = Array.from(`${bban}${country}00`, (char) => String(Number.parseInt(char, 36))).join('');
  return `${country}${two(98 - Number(BigInt(numeric) % 97n))}${bban}`;
}

function resident(random: Random, kinds: string): string {
  const kind = random.pick(Array.from(kinds));
  const year = '1256'.includes(kind) ? random.int(40, 99) : random.int(0, 24);
  return `${two(year)}${two(random.int(1, 12))}${two(random.int(1, 28))}-${kind}${random.digits(6)}`;
}

function business(random: Random): string {
  const body = `${random.int(100, 899)}${random.digits(6)}`;
  const weights = [1, 3, 7, 1, 3, 7, 1, 3, 5];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(body[i]), 0);
  const last = (10 - ((sum + Math.floor((Number(body[8]) * 5) / 10)) % 10)) % 10;
  return `${body.slice(0, 3)}-${body.slice(3, 5)}-${body.slice(5)}${last}`;
}

function nir(random: Random): string {
  const number = `${random.int(1, 2)}${random.digits(2)}${two(random.int(1, 12))}${two(random.int(1, 95))}${random.digits(6)}`;
  const key = two(97 - Number(BigInt(number) % 97n));
  return `${number.slice(0, 1)} ${number.slice(1, 3)} ${number.slice(3, 5)} ${number.slice(5, 7)} ${number.slice(7, 10)} ${number.slice(10)} ${key}`;
}

function siret(random: Random): string {
  const siren = luhn(`${random.int(3, 8)}${random.digits(7)}`);
  const whole = luhn(`${siren}000${random.digits(1)}`);
  return `${whole.slice(0, 3)} ${whole.slice(3, 6)} ${whole.slice(6, 9)} ${whole.slice(9)}`;
}

const four = (number: string): string => number.match(/.{1,4}/g)?.join(' ') ?? number;

/** Values of each type, in the shapes that people write. */
export const VALUES: ReadonlyMap<EntityType, readonly ((random: Random) => string)[]> = new Map<
  EntityType,
  readonly ((random: Random) => string)[]
>([
  [
    'EMAIL_ADDRESS',
    [
      (r) =>
        `${r.text(6, 'abcdefghijk')}${r.int(1, 99)}@${r.pick(['naver.com', 'gmail.com', 'orange.fr', 'example.co.kr'])}`,
      (r) =>
        `${r.text(4, 'mnopqrst')}.${r.text(5, 'abcde')}@${r.text(6, 'xyzabc')}.${r.pick(['com', 'io', 'fr', 'kr'])}`,
    ],
  ],
  [
    'PHONE_NUMBER',
    [
      (r) => `010-${r.int(2000, 9999)}-${r.digits(4)}`,
      (r) => `010${r.int(2000, 9999)}${r.digits(4)}`,
      (r) => `010 ${r.int(2000, 9999)} ${r.digits(4)}`,
      (r) => `+82 10-${r.int(2000, 9999)}-${r.digits(4)}`,
      (r) => `02-${r.int(300, 999)}-${r.digits(4)}`,
      (r) => `031-${r.int(200, 899)}-${r.digits(4)}`,
      (r) => `06 ${[1, 2, 3, 4].map(() => r.digits(2)).join(' ')}`,
      (r) => `+33 6 ${[1, 2, 3, 4].map(() => r.digits(2)).join(' ')}`,
      (r) => `(${r.pick(['415', '212', '303', '617'])}) ${r.int(200, 999)}-${r.digits(4)}`,
      (r) => `${r.pick(['415', '212', '303', '617'])}-${r.int(200, 999)}-${r.digits(4)}`,
      (r) => `+1 (${r.pick(['415', '212'])}) ${r.int(220, 899)}-${r.digits(4)}`,
      (r) => `(02) ${r.int(500, 799)}-${r.digits(4)}`,
      (r) => `010)${r.int(2000, 9999)}-${r.digits(4)}`,
      (r) => `${r.pick(['1588', '1544', '1899'])}-${r.int(2100, 9999)}`,
      (r) => `+44 7911 ${r.int(100_000, 999_999)}`,
    ],
  ],
  ['KR_RRN', [(r) => resident(r, '1234'), (r) => resident(r, '1234')]],
  ['KR_FRN', [(r) => resident(r, '5678')]],
  ['KR_BRN', [business]],
  ['KR_DRIVER_LICENSE', [(r) => `${r.int(11, 26)}-${r.digits(2)}-${r.digits(6)}-${r.digits(2)}`]],
  ['KR_PASSPORT', [(r) => `M${r.digits(8)}`, (r) => `M${r.digits(3)}${r.text(1, 'ABCDEFGH')}${r.digits(4)}`]],
  [
    'KR_BANK_ACCOUNT',
    [
      (r) => `110-${r.digits(3)}-${r.int(100_000, 999_999)}`,
      (r) => `${r.int(100_000, 999_999)}-${r.digits(2)}-${r.digits(6)}`,
      (r) => `3333-${r.digits(2)}-${r.digits(7)}`,
      (r) => `1002-${r.digits(3)}-${r.digits(6)}`,
    ],
  ],
  [
    'CREDIT_CARD',
    [
      (r) => four(luhn(`4${r.digits(14)}`)),
      (r) => luhn(`5${r.int(1, 5)}${r.digits(13)}`),
      (r) => luhn(`37${r.digits(12)}`),
    ],
  ],
  ['IBAN', [(r) => mod97('DE', r.digits(18)), (r) => four(mod97('FR', r.digits(23).slice(0, 23)))]],
  ['IP_ADDRESS', [(r) => `${r.int(20, 223)}.${r.int(20, 250)}.${r.int(0, 255)}.${r.int(1, 254)}`]],
  [
    'MAC',
    [
      (r) => [0, 1, 2, 3, 4, 5].map(() => r.text(2, HEX)).join(':'),
      (r) => [0, 1, 2].map(() => `${r.text(3, HEX)}a`).join('.'),
    ],
  ],
  ['US_SSN', [(r) => `${r.int(100, 665)}-${two(r.int(1, 99))}-${r.int(1000, 9999)}`]],
  ['FR_NIR', [nir, (r) => nir(r).replaceAll(' ', '')]],
  ['FR_SIRET', [siret]],
  [
    'SECRET',
    [
      (r) => `ghp_${r.text(36, 'ABCDEFGHabcdefgh0123456789')}`,
      (r) => `AKIA${r.text(16, 'ABCDEFGHIJKLMNOP234567')}`,
      (r) => `gsk_${r.text(52, 'ABCDEFGHabcdefgh0123456789')}`,
      (r) => `hvs.${r.text(90, 'ABCDEFGHabcdefgh0123456789')}`,
      (r) => `dckr_pat_${r.text(27, 'ABCDEFGHabcdefgh0123456789')}`,
      (r) => `SK${r.text(32, '0123456789abcdef')}`,
      (r) => `postgres://app:${r.text(12, 'abcdefghij0123456789')}@db.internal:5432/main`,
    ],
  ],
]);
