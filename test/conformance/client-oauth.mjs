// The OAuth client of the driver: it "clicks through" the authorization page of the suite's mock by itself.
import { auth, extractWWWAuthenticateParams } from '@modelcontextprotocol/client';

/** The URL that the suite's authorization server accepts without fetching it. */
const METADATA_URL = 'https://conformance-test.local/client-metadata.json';
const REDIRECT_URL = 'http://localhost:3000/callback';

function provider(context) {
  let information = context.client_id
    ? { client_id: context.client_id, client_secret: context.client_secret }
    : undefined;
  let tokens;
  let verifier;
  let granted = {};
  return {
    redirectUrl: REDIRECT_URL,
    clientMetadataUrl: METADATA_URL,
    clientMetadata: {
      client_name: 'conformance-driver',
      redirect_uris: [REDIRECT_URL],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    clientInformation: () => information,
    saveClientInformation: (value) => void (information = value),
    tokens: () => tokens,
    saveTokens: (value) => void (tokens = value),
    codeVerifier: () => verifier,
    saveCodeVerifier: (value) => void (verifier = value),
    invalidateCredentials(what) {
      if (what === 'all' || what === 'client') information = undefined;
      if (what === 'all' || what === 'tokens') tokens = undefined;
    },
    async redirectToAuthorization(url) {
      const response = await fetch(url, { redirect: 'manual' });
      const { searchParams } = new URL(response.headers.get('location'));
      granted = {
        authorizationCode: searchParams.get('code'),
        iss: searchParams.get('iss') ?? undefined,
      };
      if (!granted.authorizationCode) throw new Error('the authorization server gave no code');
    },
    granted: () => granted,
  };
}

/** A fetch that logs in when it is told to, and asks for more scope when what it has is not enough. */
export function oauthFetch(serverUrl, context) {
  const client = provider(context);
  let scopes = new Set();
  const send = (input, init) => {
    const headers = new Headers(init?.headers);
    const tokens = client.tokens();
    if (tokens) headers.set('authorization', `Bearer ${tokens.access_token}`);
    return fetch(input, { ...init, headers });
  };
  return async (input, init) => {
    let response = await send(input, init);
    for (let attempt = 0; attempt < 3 && (response.status === 401 || response.status === 403); attempt += 1) {
      const { resourceMetadataUrl, scope = '' } = extractWWWAuthenticateParams(response);
      scopes = new Set([...scopes, ...scope.split(/\s+/).filter(Boolean)]);
      const wanted = [...scopes].join(' ') || undefined;
      const options = { serverUrl, resourceMetadataUrl, scope: wanted, fetchFn: fetch };
      const outcome = await auth(client, { ...options, forceReauthorization: response.status === 403 });
      if (outcome !== 'AUTHORIZED') await auth(client, { ...options, ...client.granted() });
      response = await send(input, init);
    }
    return response;
  };
}
