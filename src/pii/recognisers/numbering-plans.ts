import metadata from 'libphonenumber-js/metadata.max.json';

/** Which numbers are given out behind a country code. */
export interface NumberingPlan {
  /** Has somebody, or may somebody have, this number? @param national its digits without the country code */
  isValid(national: string): boolean;
  /** Has it at least a length that there is? */
  isPossible(national: string): boolean;
}

/**
 * What begins with the code of a country, as its plan and the digits behind the code. No code is the beginning of another.
 * @param digits without `+`
 */
export function planned(digits: string): { plan: NumberingPlan; national: string } | undefined {
  for (let length = 1; length <= LONGEST_CODE; length++) {
    const plan = planOf(digits.slice(0, length));
    if (plan) return { plan, national: digits.slice(length) };
  }
  return undefined;
}

const LONGEST_CODE = 3;

const plans = new Map<string, NumberingPlan | undefined>();

function planOf(code: string): NumberingPlan | undefined {
  if (plans.has(code)) return plans.get(code);
  const country = metadata.country_calling_codes[code]?.[0];
  const columns = country === undefined ? metadata.nonGeographic[code] : metadata.countries[country];
  const plan = columns && compiled(columns);
  plans.set(code, plan);
  return plan;
}

/** Numbers of one kind, such as mobile telephones. */
interface Kind {
  readonly shape: RegExp;
  readonly lengths: readonly number[];
}

/**
 * The library itself compiles its patterns anew with each question, and a text asks a great many. This reads the columns
 * of its data instead, which may move with any version: package.json names the one that is read here.
 */
const SHAPE = 2;
const LENGTHS = 3;
const KINDS = 11;

function compiled(columns: readonly unknown[]): NumberingPlan {
  const all = kindOf([columns[SHAPE], columns[LENGTHS]], []);
  // A kind that a country does not have is 0, or has an empty pattern.
  const kinds = rowsOf(columns[KINDS] ?? 0)
    .filter((row) => row[0] !== '')
    .map((row) => kindOf(row, all.lengths));
  return {
    isValid: (national) =>
      all.shape.test(national) && (kinds.length === 0 || kinds.some((kind) => isOf(kind, national))),
    isPossible: (national) => all.lengths.includes(national.length),
  };
}

function isOf({ shape, lengths }: Kind, national: string): boolean {
  return lengths.includes(national.length) && shape.test(national);
}

/** @param usual the lengths of a kind that names none */
function kindOf([pattern, lengths]: readonly unknown[], usual: readonly number[]): Kind {
  if (typeof pattern !== 'string') throw new TypeError('libphonenumber-js keeps its patterns elsewhere now');
  return {
    shape: new RegExp(`^(?:${pattern})$`),
    lengths: Array.isArray(lengths) ? lengths.map(Number) : usual,
  };
}

function rowsOf(kinds: unknown): (readonly unknown[])[] {
  return Array.isArray(kinds) ? kinds.filter((row) => Array.isArray(row)) : [];
}
