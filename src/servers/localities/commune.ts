/** A department or region. */
export interface Division {
  readonly code: string;
  readonly name: string;
}

export interface Department extends Division {
  readonly region: Division;
  /** The code of the commune where its prefecture is. */
  readonly capital: string;
}

export interface Region extends Division {
  readonly capital: string;
}

/** What an entry of the data is: a commune of today, or a part of one that has a code of its own. */
export type Kind = 'commune' | 'delegated_commune' | 'associated_commune' | 'municipal_district';

export interface Commune extends Division {
  readonly kind: Kind;
  /** The name as it is compared. */
  readonly folded: string;
  readonly department: Department;
  readonly region: Region;
  readonly postalCodes: readonly string[];
  /** Null where nobody is counted. */
  readonly population: number | null;
  readonly siren: string | null;
  /** Codes that it had, or that communes merged into it had. */
  readonly formerCodes: readonly string[];
  /** The code of the commune that this is a part of; null for a commune. */
  readonly partOf: string | null;
}

export const SORTS = ['relevance', 'population_desc', 'population_asc', 'name'] as const;
export type Sort = (typeof SORTS)[number];

/** Where the data is from. */
export interface Origin {
  readonly name: string;
  /** The year of the official geography: what is so on January 1st. */
  readonly date: string;
  readonly licence: string;
}
