import type { Site } from './site.ts';

/** What may be asked for from outside, as a proxy has to know it. */
export interface PublicPath {
  /** Exactly this path, or everything that begins with it. */
  readonly match: 'exact' | 'prefix';
  readonly path: string;
  /**
   * - `stream`: answers may go on for hours, and each piece of them counts
   * - `page`: answered at once
   * - `private`: for the networks of the operator only
   */
  readonly kind: 'stream' | 'page' | 'private';
}

const exact = (path: string, kind: PublicPath['kind']): PublicPath => ({ match: 'exact', path, kind });
const below = (path: string, kind: PublicPath['kind']): PublicPath => ({ match: 'prefix', path, kind });

/** Both ways to write each of them lead to the same place: nobody is redirected, since a POST would lose its body. */
const ENDPOINTS: readonly PublicPath[] = [
  exact('/mcp', 'stream'),
  exact('/mcp/', 'stream'),
  below('/servers/', 'stream'),
  exact('/sse', 'stream'),
  exact('/sse/', 'stream'),
  exact('/messages', 'stream'),
  exact('/messages/', 'stream'),
];

const PAGES: readonly PublicPath[] = [
  below('/oauth2/', 'page'),
  exact('/hello', 'page'),
  exact('/health', 'page'),
  below('/health/', 'page'),
  exact('/metrics', 'private'),
];

/** All others get a 404 from the proxy itself. */
export function publicPaths({ prefix }: Pick<Site, 'prefix'>): readonly PublicPath[] {
  const ours = [...ENDPOINTS, below('/.well-known/', 'page'), ...PAGES];
  if (prefix === '') return ours;
  // > the well-known URI string is inserted between the host component and the path  (RFC 9728, section 3.1)
  return [
    below('/.well-known/', 'page'),
    ...ours.map((each) => ({ ...each, path: `${prefix}${each.path}` })),
  ];
}
