import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { embedded } from './embedded.ts';
import type { Query } from './query.ts';
import type { Source } from './source.ts';
import { type Territory, territory } from './territory.ts';
import { trustyData } from './trusty-data.ts';

const KEY = 'hunter2-trusty';
const NEVER = new AbortController().signal;

/** A locality as the API tells of it. */
function locality(insee: string, name: string, people: number, postal = '35000'): Record<string, unknown> {
  return {
    nom_commune: name,
    code_postal: postal,
    cog: { insee },
    population: [
      { periode: '2011', totale: 1, municipale: 1, comptee_a_part: 0 },
      { periode: '2022', totale: people + 9, municipale: people, comptee_a_part: 9 },
    ],
    departement: { id: insee.slice(0, 2), libelle: 'x', population: [] },
    region: { id: '53', libelle: 'x', population: [] },
  };
}

const found = (...choices: Record<string, unknown>[]): string =>
  JSON.stringify({ status: 'OK', message: '', count: choices.length, choices });

interface StandIn {
  readonly source: Source;
  readonly urls: URL[];
  close(this: void): Promise<unknown>;
}

/** The API over HTTP, that gives these answers one after the other, and the last one for ever. */
async function api(
  answers: ((request: IncomingMessage, response: ServerResponse) => void)[],
  timeoutMs = 5000,
): Promise<StandIn> {
  const urls: URL[] = [];
  const server = createServer((request, response) => {
    urls.push(new URL(request.url ?? '', 'http://stand.in'));
    if (request.headers.authorization === `Bearer ${KEY}`)
      answers[Math.min(urls.length, answers.length) - 1]?.(request, response);
    else response.writeHead(401).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
  const close = (): Promise<unknown> => once(server.close(), 'close');
  return { source: trustyData({ key: KEY, baseUrl, timeoutMs }, embedded), urls, close };
}

const says =
  (body: string, status = 200, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

let france: Territory;
beforeAll(async () => void (france = await territory()), 30_000);

function bretons(more: Partial<Query> = {}): Query {
  const region = france.regions.find(({ code }) => code === '53');
  return { region, populationMin: 50_000, sort: 'population_desc', limit: 10, ...more };
}

describe('the TrustyData API', () => {
  it('is asked with the key and codes, and what it tells is what comes back', async () => {
    const { source, urls } = await api([
      says(
        found(
          locality('29019', 'BREST', 140_000, '29200'),
          locality('35238', 'Rennes', 230_000, '35000'),
          locality('35238', 'Rennes', 230_000, '35700'),
          // What does not fit is left out, whatever the API thinks of it.
          locality('35024', 'Betton', 12_000),
        ),
      ),
    ]);
    const { value, origin, note } = await source.search(bretons(), NEVER);
    expect(value.total).toBe(2);
    expect(value.communes).toMatchObject([
      { code: '35238', name: 'Rennes', population: 230_000, department: { name: 'Ille-et-Vilaine' } },
      { code: '29019', name: 'BREST', population: 140_000 },
    ]);
    expect(value.communes[0]?.postalCodes).toEqual(['35000', '35200', '35700']);
    expect(note).toBeUndefined();
    expect(origin.name).toContain('TrustyData');
    expect(urls[0]?.pathname).toBe('/v1/locality/search');
    expect(Object.fromEntries(urls[0]?.searchParams ?? [])).toEqual({
      region_code: '53',
      population_min: '50000',
      limit: '1000',
      details: 'true',
    });
  });

  it('knows communes that the embedded data does not, and no places of nowhere', async () => {
    const { source } = await api([
      says(found(locality('35999', 'Nouvelle-Ville', 60_000), locality('ZZ999', 'Atlantis', 60_000))),
    ]);
    const { value } = await source.search(bretons(), NEVER);
    expect(value.communes.map(({ name }) => name)).toEqual(['Nouvelle-Ville']);
  });

  it('looks a commune up by the name that goes with its code', async () => {
    const { source, urls } = await api([says(found(locality('35238', 'Rennes', 230_001)))]);
    expect((await source.get('35238', NEVER)).value).toMatchObject({ name: 'Rennes', population: 230_001 });
    expect(urls[0]?.searchParams.get('q')).toBe('Rennes');
    expect(urls[0]?.searchParams.get('department_code')).toBe('35');
    expect((await source.get('35000', NEVER)).value).toBeUndefined();
    expect(urls).toHaveLength(1);
  });
});

describe('the embedded data in its place', () => {
  const answersWith = async (source: Source): Promise<string> => {
    const { value, note, origin } = await source.search(bretons(), NEVER);
    expect(value.communes.map(({ name }) => name)).toContain('Rennes');
    expect(origin.name).toContain('@etalab');
    expect(note).not.toContain('hunter2');
    return note ?? '';
  };

  it.each([
    ['a wrong answer', [says('[]')], 'something that is not understood', 1],
    ['no JSON', [says('<html>')], 'not JSON', 1],
    ['a refused key', [says('{}', 403)], 'refused the key (403): look at TRUSTYDATA_API_KEY', 1],
    ['a wrong path', [says('{}', 404)], 'answered 404', 1],
    ['three errors', [says('{}', 500)], 'answered 500', 3],
    ['a redirect', [says('', 302, { location: 'http://127.0.0.1:1/' })], 'could not be reached', 3],
    [
      'more than it tells at once',
      [says(found(...Array.from({ length: 1000 }, () => locality('35238', 'Rennes', 1))))],
      '1000 localities at most',
      1,
    ],
  ])('after %s, and says so', async (_case, answers, reason, requests) => {
    const { source, urls } = await api(answers);
    const note = await answersWith(source);
    expect(note).toContain(reason);
    expect(note).toMatch(/so this is the embedded data of 20\d\d\.$/);
    expect(urls).toHaveLength(requests);
  });

  it('after its time is over', async () => {
    const { source } = await api([() => {}], 200);
    expect(await answersWith(source)).toContain('took too long');
  });

  it('when nobody is there', async () => {
    const { source, close } = await api([]);
    await close();
    expect(await answersWith(source)).toContain('could not be reached (ECONNREFUSED)');
  });

  it('not when the caller has gone', async () => {
    const { source } = await api([() => {}]);
    const controller = new AbortController();
    const search = source.search(bretons(), controller.signal);
    controller.abort(new Error('gone'));
    await expect(search).rejects.toThrow('gone');
  });
});

describe('Retry-After', () => {
  it('is waited for where there is time', async () => {
    const { source, urls } = await api([
      says('{}', 429, { 'retry-after': '1' }),
      says(found(locality('35238', 'Rennes', 230_000))),
    ]);
    const start = performance.now();
    const { note, value } = await source.search(bretons(), NEVER);
    expect(performance.now() - start).toBeGreaterThan(950);
    expect({ note, total: value.total, requests: urls.length }).toEqual({
      note: undefined,
      total: 1,
      requests: 2,
    });
  });

  it('keeps it from being asked again before, where it is longer', async () => {
    const { source, urls } = await api([says('{}', 429, { 'retry-after': '60' })]);
    for (const reason of ['too many requests (429)', 'left alone for a while']) {
      const { note } = await source.search(bretons(), NEVER);
      expect(note).toContain(reason);
    }
    expect(urls).toHaveLength(1);
  });
});
