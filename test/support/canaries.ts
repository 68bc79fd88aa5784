/**
 * A value of every type that the guard knows, in a form that occurs nowhere else by accident. What looks like a secret is
 * put together here, so that no scanner of sources takes it for one.
 */
export const CANARIES: ReadonlyMap<string, string> = new Map([
  ['EMAIL_ADDRESS', 'canary.minji@planted-example.co.kr'],
  ['PHONE_NUMBER', '010-7391-8264'],
  ['PERSON', '제갈보람'],
  ['ADDRESS', '서울특별시 마포구 카나리로 731'],
  ['CREDIT_CARD', '4539-5787-6362-1486'],
  ['IBAN', 'DE89370400440532013000'],
  ['IP_ADDRESS', '203.113.197.241'],
  ['MAC', '3c:7a:8b:91:e4:5d'],
  ['KR_RRN', '870419-2749163'],
  ['KR_FRN', '910823-6284917'],
  ['KR_BRN', '220-81-62517'],
  ['KR_PASSPORT', 'M73918264'],
  ['KR_DRIVER_LICENSE', '13-07-739182-64'],
  ['KR_BANK_ACCOUNT', '110-739-182645'],
  ['US_SSN', '457-55-5462'],
  ['FR_NIR', '255081416802538'],
  ['FR_SIRET', '732 829 320 00074'],
  ['SECRET', joined('ghp_', 'C4naryPl4ntedC4naryPl4ntedC4naryPl4n')],
]);

/** More secrets, of other vendors and of none. */
export const SECRET_CANARIES: readonly string[] = [
  joined('AKIA', 'CANARY2PLANTED3B'),
  joined('eyJhbGciOiJIUzI1NiJ9.', 'eyJzdWIiOiJjYW5hcnktcGxhbnRlZCJ9.', 'q1-canarySignaturePlanted_7391'),
  joined('postgres://canary:', 'Pl4ntedPassw0rd', '@db.internal/main'),
  [
    joined('-----BEGIN ', 'PRIVATE KEY-----'),
    'MIICanaryPlanted73918264CanaryPlanted73918264CanaryPl4nted',
    joined('-----END ', 'PRIVATE KEY-----'),
  ].join('\n'),
];

function joined(...parts: readonly string[]): string {
  return parts.join('');
}

const LABELS = new Map([
  ['PERSON', '이름'],
  ['ADDRESS', '주소'],
  ['KR_PASSPORT', '여권번호'],
  ['KR_BANK_ACCOUNT', '계좌번호'],
]);

/** Each with the words that it needs to be told. */
export const PLANTED_EACH: readonly string[] = [
  ...[...CANARIES].map(([type, value]) => `${LABELS.get(type) ?? type.toLowerCase()}: ${value}`),
  ...SECRET_CANARIES,
];

/** A text with all of them. */
export const PLANTED = PLANTED_EACH.join('\n');

/** What must be found nowhere: the values, and of long ones a piece of each line. */
export const TRACES: readonly string[] = [...CANARIES.values(), ...SECRET_CANARIES]
  .flatMap((value) => value.split('\n'))
  .filter((line) => !line.startsWith('-----'));
