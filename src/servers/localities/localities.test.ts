import { type CallToolResult, Client, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { serveOver } from '../stdio.ts';
import { territory } from './territory.ts';

const ERAS: [string, VersionNegotiationMode][] = [
  ['legacy', 'legacy'],
  ['modern', { pin: '2026-07-28' }],
];

async function connected(mode: VersionNegotiationMode = 'legacy'): Promise<Client> {
  const input = new PassThrough();
  const output = new PassThrough();
  const served = await serveOver('localities', {}, input, output);
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StdioServerTransport(output, input));
  onTestFinished(async () => {
    await client.close();
    await served.close();
  });
  return client;
}

/** The client holds every structuredContent against the outputSchema it was told. */
async function call(name: string, input: Record<string, unknown> = {}): Promise<CallToolResult> {
  const client = await connected();
  await client.listTools();
  return client.callTool({ name, arguments: input });
}

interface Output {
  communes: { code: string; name: string; population: number | null }[];
  total: number;
  note: string | null;
}

async function search(input: Record<string, unknown>): Promise<Output> {
  const { structuredContent, isError, content } = await call('search_communes', input);
  expect(isError, JSON.stringify(content)).toBeUndefined();
  return structuredContent as Output;
}

async function names(input: Record<string, unknown>): Promise<string[]> {
  return (await search(input)).communes.map(({ name }) => name);
}

async function failure(name: string, input: Record<string, unknown>): Promise<string> {
  const { isError, content } = await call(name, input);
  expect(isError).toBe(true);
  const [first] = content;
  return first?.type === 'text' ? first.text : '';
}

// A loaded machine takes its time to parse 9 MB.
beforeAll(async () => void (await territory()), 30_000);

describe.each(ERAS)('the localities server, %s', (_era, mode) => {
  it('says of every tool what it takes, what it answers and that it changes nothing', async () => {
    const client = await connected(mode);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'search_communes',
      'get_commune',
      'list_departments',
      'list_regions',
      'region_summary',
    ]);
    for (const tool of tools) {
      expect(tool.description).toMatch(/\.$/);
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(tool.outputSchema).toMatchObject({ type: 'object' });
      expect(tool.annotations).toMatchObject({
        title: tool.title,
        readOnlyHint: true,
        destructiveHint: false,
        openWorldHint: false,
      });
    }
  });
});

describe('search_communes', () => {
  it('finds the communes over 50,000 people in Brittany', async () => {
    for (const region of ['Brittany', 'Bretagne', 'BRETAGNE', '53', 'région Bretagne'])
      expect(await names({ region, population_min: 50_000 })).toEqual([
        'Rennes',
        'Brest',
        'Quimper',
        'Lorient',
        'Vannes',
      ]);
  });

  it('says where its data is from, of when, and under which licence', async () => {
    const { structuredContent, content } = await call('search_communes', { code: '35238' });
    expect(structuredContent).toMatchObject({
      communes: [
        {
          code: '35238',
          name: 'Rennes',
          postal_codes: ['35000', '35200', '35700'],
          department: { code: '35', name: 'Ille-et-Vilaine' },
          region: { code: '53', name: 'Bretagne' },
          population: expect.any(Number) as number,
        },
      ],
      total: 1,
      truncated: false,
      note: null,
      source: {
        name: expect.stringContaining('@etalab/decoupage-administratif') as string,
        date: expect.stringMatching(/^20\d\d$/) as string,
        licence: expect.stringContaining('Licence Ouverte') as string,
      },
    });
    const [text] = content;
    expect(JSON.parse(text?.type === 'text' ? text.text : '')).toEqual(structuredContent);
  });

  it.each([
    ['saint etienne', 'Saint-Étienne'],
    ['ST ETIENNE', 'Saint-Étienne'],
    ['ste foy les lyon', 'Sainte-Foy-lès-Lyon'],
    ['l’hay les roses', "L'Haÿ-les-Roses"],
    ["L'HAY-LES-ROSES", "L'Haÿ-les-Roses"],
    ['oeuilly', 'Œuilly'],
    ['havre', 'Le Havre'],
    ['besancon', 'Besançon'],
    ['chalons en champagne', 'Châlons-en-Champagne'],
  ])('forgives accents, hyphens, capitals and abbreviations: %s', async (name, expected) => {
    expect((await names({ name, limit: 1 }))[0]).toBe(expected);
  });

  it('puts the name itself before its beginning, and that before what has it somewhere', async () => {
    const [first, ...rest] = await names({ name: 'Lyon', limit: 10 });
    expect(first).toBe('Lyon');
    expect(rest.indexOf('Lyons-la-Forêt')).toBeLessThan(rest.indexOf('Sainte-Foy-lès-Lyon'));
  });

  it('takes postal codes, departments by code and name, and both ends of a population', async () => {
    expect(await names({ postal_code: '75116' })).toEqual(['Paris']);
    expect(await names({ department: '2a', limit: 1 })).toEqual(['Ajaccio']);
    expect(await names({ department: 'cotes d armor', population_min: 40_000 })).toEqual(['Saint-Brieuc']);
    const between = await search({ department: '35', population_min: 10_000, population_max: 20_000 });
    expect(between.total).toBeGreaterThan(3);
    for (const { population } of between.communes) {
      expect(population).toBeGreaterThanOrEqual(10_000);
      expect(population).toBeLessThanOrEqual(20_000);
    }
  });

  it('sorts as asked', async () => {
    expect((await names({ sort: 'population_desc', limit: 3 })).toSorted()).toEqual([
      'Lyon',
      'Marseille',
      'Paris',
    ]);
    const smallest = await search({ region: 'Corsica', sort: 'population_asc', limit: 3 });
    const people = smallest.communes.map(({ population }) => population);
    expect(people).toEqual(people.toSorted((a, b) => Number(a) - Number(b)));
    expect(await names({ department: '75', sort: 'name' })).toEqual(['Paris']);
    const some = await names({ department: '90', sort: 'name', limit: 200 });
    expect(some[0]).toBe('Andelnans');
  });

  it('says when there is more, and when there is nothing', async () => {
    const many = await search({ name: 'saint', limit: 2 });
    expect(many.communes).toHaveLength(2);
    expect(many.note).toBe(`2 of ${many.total} are here: narrow the search, or raise limit.`);
    expect(await search({ region: '53', name: 'Marseille' })).toMatchObject({
      total: 0,
      note: 'No commune fits all of this: leave something out.',
    });
    expect((await search({ name: 'Lomme' })).note).toBe(
      'Lomme (59355) is a part of the commune Lille (59350).',
    );
  });

  it.each([
    [{ region: 'Britany' }, 'There is no region "Britany".'],
    [{ region: 'Brtagne' }, 'Did you mean Bretagne (53)?'],
    [{ region: 'Burgundy' }, 'is a part of the region Bourgogne-Franche-Comté (27) since 2016'],
    [{ region: '__proto__' }, 'list_regions tells all names'],
    [{ department: 'Finisterre' }, 'Did you mean Finistère (29)?'],
    [{ name: '--' }, 'There is no letter in "--".'],
    [{ population_min: 2, population_max: 1 }, 'population_min is larger than population_max'],
  ])('refuses %j', async (input, message) => {
    expect(await failure('search_communes', input)).toContain(message);
  });

  it.each([
    { limit: 201 },
    { postal_code: '3500' },
    { code: '1' },
    { population_min: -1 },
    { nom: 'Rennes' },
    { name: 'x'.repeat(101) },
  ])('does not take %j', async (input) => {
    expect(await failure('search_communes', input)).toMatch(/[Ii]nvalid|[Uu]nrecognized/);
  });
});

describe('get_commune', () => {
  it('tells of a commune, its parts and what it is the capital of', async () => {
    const { structuredContent } = await call('get_commune', { code: '13055' });
    expect(structuredContent).toMatchObject({
      commune: {
        name: 'Marseille',
        kind: 'commune',
        part_of: null,
        capital_of: ['Bouches-du-Rhône', "Provence-Alpes-Côte d'Azur"],
        siren: '211300553',
      },
      note: null,
    });
    const { parts } = (structuredContent as { commune: { parts: unknown[] } }).commune;
    expect(parts).toHaveLength(16);
  });

  it('leads from a part and from a code that is gone to the commune of today', async () => {
    expect((await call('get_commune', { code: '59355' })).structuredContent).toMatchObject({
      commune: { name: 'Lomme', kind: 'associated_commune', part_of: { code: '59350', name: 'Lille' } },
    });
    const { byFormerCode, byCode } = await territory();
    const [gone, now] = [...byFormerCode].find(([code]) => !byCode.has(code)) ?? [];
    expect(gone).toBeTypeOf('string');
    expect((await call('get_commune', { code: gone ?? '' })).structuredContent).toMatchObject({
      commune: { code: now?.code },
      note: `${gone} is a code that is gone: it is ${now?.code} now.`,
    });
  });

  it('says what to do with a code of no commune', async () => {
    expect(await failure('get_commune', { code: '35000' })).toMatch(
      /no commune with the code 35000.*postal_code/,
    );
  });
});

describe('departments and regions', () => {
  it('are all there, and add up', async () => {
    const { regions } = (await call('list_regions')).structuredContent as {
      regions: { code: string; communes: number; population: number; capital: string }[];
    };
    expect(regions.find(({ code }) => code === '53')).toMatchObject({ name: 'Bretagne', capital: 'Rennes' });
    const { departments } = (await call('list_departments')).structuredContent as {
      departments: { communes: number; population: number }[];
    };
    expect(departments.length).toBeGreaterThan(100);
    const { orders } = await territory();
    for (const list of [regions, departments])
      expect(list.reduce((sum, { communes }) => sum + communes, 0)).toBe(orders.name.all.length);
    const four = (await call('list_departments', { region: 'brittany' })).structuredContent as {
      departments: { code: string }[];
    };
    expect(four.departments.map(({ code }) => code).toSorted()).toEqual(['22', '29', '35', '56']);
  });

  it('region_summary: the whole is the sum of its parts', async () => {
    const { structuredContent } = await call('region_summary', { region: 'Normandy', largest: 2 });
    const summary = structuredContent as {
      population: number;
      communes: number;
      largest: { name: string }[];
      departments: { population: number }[];
      by_size: { communes: number; population: number }[];
    };
    expect(summary.largest.map(({ name }) => name)).toEqual(['Le Havre', 'Rouen']);
    const sum = (list: { population: number }[]): number =>
      list.reduce((total, { population }) => total + population, 0);
    expect(sum(summary.departments)).toBe(summary.population);
    expect(sum(summary.by_size)).toBe(summary.population);
    expect(summary.by_size.reduce((total, { communes }) => total + communes, 0)).toBe(summary.communes);
  });
});
