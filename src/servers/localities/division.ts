import { suggest } from '../../config/suggest.ts';
import { ToolFailure } from './failure.ts';
import { fold } from './fold.ts';
import type { Department, Division, Region } from './commune.ts';
import type { Territory } from './territory.ts';

/** What regions are called besides, in English above all. */
const OTHER_NAMES = folded({
  Brittany: '53',
  Breizh: '53',
  Normandy: '28',
  Corsica: '94',
  'Burgundy-Franche-Comté': '27',
  'Centre-Loire Valley': '24',
  Centre: '24',
  'Paris Region': '11',
  IDF: '11',
  'Upper France': '32',
  'Great East': '44',
  'Loire Region': '52',
  'New Aquitaine': '75',
  Occitania: '76',
  PACA: '93',
  'Provence-Alpes-French Riviera': '93',
  'Région Sud': '93',
  Reunion: '04',
  'Reunion Island': '04',
  'French Guiana': '03',
  'Saint Pierre and Miquelon': '975',
  'Saint Barts': '977',
  'French Southern and Antarctic Lands': '984',
  TAAF: '984',
  'Wallis and Futuna': '986',
  'French Polynesia': '987',
  'New Caledonia': '988',
  Clipperton: '989',
});

/** The regions that became larger ones in 2016: to answer with the larger one would be to answer something else. */
const MERGED = folded({
  Alsace: '44',
  Lorraine: '44',
  'Champagne-Ardenne': '44',
  Aquitaine: '75',
  Limousin: '75',
  'Poitou-Charentes': '75',
  Auvergne: '84',
  'Rhône-Alpes': '84',
  Bourgogne: '27',
  Burgundy: '27',
  'Franche-Comté': '27',
  'Midi-Pyrénées': '76',
  'Languedoc-Roussillon': '76',
  'Nord-Pas-de-Calais': '32',
  Picardie: '32',
  Picardy: '32',
  'Basse-Normandie': '28',
  'Lower Normandy': '28',
  'Haute-Normandie': '28',
  'Upper Normandy': '28',
});

/**
 * A region by code or name, French or English.
 * @throws {ToolFailure} when there is none, with what may be meant
 */
export function findRegion({ regions }: Territory, text: string): Region {
  const found = find(regions, text, OTHER_NAMES);
  if (found) return found;
  const successor = regions.find(({ code }) => code === MERGED.get(bareName(text)));
  throw successor
    ? new ToolFailure(
        `${JSON.stringify(text)} is a part of the region ${successor.name} (${successor.code}) since 2016. Ask for that, or ` +
          'for a department.',
      )
    : noSuch('region', regions, text, 'list_regions');
}

/**
 * A department by code ("35", "2A", "974") or name.
 * @throws {ToolFailure} when there is none, with what may be meant
 */
export function findDepartment({ departments }: Territory, text: string): Department {
  const found = find(departments, text, new Map());
  if (found) return found;
  throw noSuch('department', departments, text, 'list_departments');
}

function find<T extends Division>(
  divisions: readonly T[],
  text: string,
  otherNames: ReadonlyMap<string, string>,
): T | undefined {
  for (const name of [fold(text), bareName(text)]) {
    // A code of one digit is what a spreadsheet leaves of one with a zero.
    const code = otherNames.get(name) ?? (/^\d$/.test(name) ? `0${name}` : name);
    const found =
      divisions.find((each) => fold(each.code) === code) ??
      divisions.find((each) => fold(each.name) === name);
    if (found) return found;
  }
  return undefined;
}

/** "Région Bretagne", "the department of Finistère": what remains without these words, folded. */
function bareName(text: string): string {
  return fold(text).replace(/^(?:the )?(?:region|departement|department)(?: (?:of|de la|de|du|des))? /, '');
}

function noSuch(
  what: 'region' | 'department',
  divisions: readonly Division[],
  text: string,
  list: string,
): ToolFailure {
  const meant = suggest(
    bareName(text),
    divisions.map(({ name }) => fold(name)),
  );
  const near = divisions.find(({ name }) => fold(name) === meant);
  const hint = near ? ` Did you mean ${near.name} (${near.code})?` : '';
  return new ToolFailure(
    `There is no ${what} ${JSON.stringify(text)}.${hint} ${list} tells all names and codes.`,
  );
}

function folded(codes: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(codes).map(([name, code]) => [fold(name), code]));
}
