import type { JsonObject } from '../../core/json.ts';
import { type Found, textAt, textsAt } from './discovery.ts';
import { failed, ok, type Step, warning } from './step.ts';

const RESOURCE = 'resource_metadata';
const SERVER = 'discovery';

/** Does the gateway tell its clients who it is, and where to get a token? */
export function checkResource(found: Found, base: string): Step {
  if ('problem' in found)
    return failed(
      RESOURCE,
      `${found.url}: ${found.problem}`,
      found.problem === 'it answered 404'
        ? 'Nobody issues tokens for this gateway. Add auth: {server: {}} to its configuration, or an issuer.'
        : 'Clients have to reach this address. Check publicUrl, DNS, and that the proxy in front passes /.well-known/ on.',
    );
  const resource = textAt(found.document, 'resource');
  if (resource !== `${base}/mcp`)
    return failed(
      RESOURCE,
      `${found.url} says that it is ${resource ?? 'nobody'}, and not ${base}/mcp`,
      'Set publicUrl to the address that clients type; they refuse metadata of another one.',
    );
  const [issuer] = textsAt(found.document, 'authorization_servers');
  if (issuer === undefined)
    return failed(RESOURCE, 'no authorization server is named', 'Add auth: {server: {}} or auth.issuers.');
  return ok(RESOURCE, `${resource} gets its tokens from ${issuer}`);
}

/** Can every MCP client work with what an authorization server says of itself? */
export function checkServer(found: Found, issuer: string): Step[] {
  if ('problem' in found)
    return [
      failed(
        SERVER,
        `${found.url}: ${found.problem}`,
        'Check that the issuer is written exactly as its tokens have it, and that this machine reaches it.',
      ),
    ];
  const { document } = found;
  const problems = [...wrongs(document, issuer)];
  if (problems.length > 0) return problems.map(([detail, remedy]) => failed(SERVER, detail, remedy));
  return [ok(SERVER, `${found.url} describes ${issuer}`), ...registrations(document)];
}

function* wrongs(document: JsonObject, issuer: string): Generator<[detail: string, remedy: string]> {
  // > the issuer value returned MUST be identical (RFC 8414, 3.3)
  const said = textAt(document, 'issuer');
  if (said !== issuer)
    yield [
      `it calls itself ${said ?? 'nothing'}, and not ${issuer}`,
      'Write the issuer down as it calls itself.',
    ];
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
    const url = textAt(document, name);
    if (url === undefined || !URL.canParse(url))
      yield [`${name} is missing`, 'This is no authorization server for MCP.'];
    else if (!isSafe(url))
      yield [`${name} is not https: ${url}`, 'Put TLS in front of it, and set publicUrl to https.'];
  }
  if (!textsAt(document, 'response_types_supported').includes('code'))
    yield ['it offers no authorization code', 'Switch the authorization code flow on.'];
  // > If code_challenge_methods_supported is absent … MCP clients MUST refuse to proceed (basic/authorization)
  if (!textsAt(document, 'code_challenge_methods_supported').includes('S256'))
    yield [
      'it does not say that it takes PKCE with S256',
      'Switch PKCE with S256 on: MCP clients refuse to go on without it.',
    ];
}

function registrations(document: JsonObject): Step[] {
  const isDocument = document['client_id_metadata_document_supported'] === true;
  const isDynamic = textAt(document, 'registration_endpoint') !== undefined;
  const hasPublic = textsAt(document, 'token_endpoint_auth_methods_supported').includes('none');
  const ways = [...(isDocument ? ['by their document'] : []), ...(isDynamic ? ['by registering'] : [])];
  return [
    ways.length > 0
      ? ok('registration', `clients become known ${ways.join(' and ')}`)
      : warning(
          'registration',
          'clients have to be made known by hand',
          'Make one with sallyport client create --grant authorization_code, or allow registration.',
        ),
    ...(hasPublic
      ? []
      : [
          warning(
            'public_clients',
            'clients without a secret are not offered',
            'Offer the method none: programs on the machines of people have no secret.',
          ),
        ]),
    ...(document['authorization_response_iss_parameter_supported'] === true
      ? []
      : [
          warning(
            'issuer_in_response',
            'it does not say who it is when it sends a client back (RFC 9207)',
            'Switch it on if it can: it protects clients that use several authorization servers.',
          ),
        ]),
  ];
}

function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return (
    protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  );
}
