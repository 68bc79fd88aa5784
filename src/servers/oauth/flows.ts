export const FLOWS = ['authorization_code', 'client_credentials', 'refresh_token'] as const;
export type Flow = (typeof FLOWS)[number];

/** Where everything is. */
export interface Addresses {
  readonly endpoint: string;
  readonly metadata: string;
  readonly discovery: string;
  readonly authorize: string;
  readonly token: string;
  readonly register: string | undefined;
  /** With blanks between them; may be empty. */
  readonly scope: string;
  /** Is it the authorization server of the gateway? */
  readonly isOwn: boolean;
}

export interface GuideStep {
  readonly title: string;
  readonly explanation: string;
  readonly command: string | null;
}

/** The steps of a flow, with commands that can be run as they are once the variables in them are set. */
export function stepsOf(flow: Flow, addresses: Addresses): GuideStep[] {
  if (flow === 'client_credentials') return machine(addresses);
  return flow === 'refresh_token' ? refresh(addresses) : person(addresses);
}

function person(addresses: Addresses): GuideStep[] {
  const { authorize, token, endpoint, register, scope, isOwn } = addresses;
  const query = [
    'response_type=code&client_id=$CLIENT_ID&redirect_uri=http://127.0.0.1:8765/callback',
    `code_challenge=$CHALLENGE&code_challenge_method=S256&state=$STATE&resource=${encodeURIComponent(endpoint)}`,
    ...(scope === '' ? [] : [`scope=${encodeURIComponent(scope)}`]),
  ].join('&');
  return [
    discover(addresses),
    known(register, isOwn),
    {
      title: 'Make a verifier and its challenge (PKCE)',
      explanation:
        'The verifier stays with the client; only its hash is sent along, so that a stolen code is worth nothing.',
      command:
        "VERIFIER=$(openssl rand -hex 32); CHALLENGE=$(printf %s $VERIFIER | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '='); STATE=$(openssl rand -hex 8)",
    },
    {
      title: 'Send the person to the login page',
      explanation:
        'They log in, see who asks and where the answer goes, and agree. The browser comes back to redirect_uri with code, ' +
        'state and iss: compare state with yours, and iss with the issuer, before you go on.',
      command: `echo "${authorize}?${query}"`,
    },
    {
      title: 'Change the code for a token',
      explanation: 'A code works once, and for a minute: used again, everything that came of it ends.',
      command: `curl -s ${token} -d grant_type=authorization_code -d code=$CODE -d client_id=$CLIENT_ID -d redirect_uri=http://127.0.0.1:8765/callback -d code_verifier=$VERIFIER --data-urlencode resource=${endpoint}`,
    },
    call(addresses),
  ];
}

function machine(addresses: Addresses): GuideStep[] {
  const { token, endpoint, scope, isOwn } = addresses;
  const wanted = scope === '' ? '' : ` --data-urlencode 'scope=${scope}'`;
  return [
    discover(addresses),
    {
      title: 'Make a client with a secret',
      explanation: 'Its secret is shown once. It is for one machine: make another one for the next.',
      command: isOwn ? 'sallyport client create --name robot --grant client_credentials --json' : null,
    },
    {
      title: 'Get a token',
      explanation: 'It lives half an hour at most. There is no refresh token: ask again.',
      command: `curl -s ${token} -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials --data-urlencode resource=${endpoint}${wanted}`,
    },
    call(addresses),
  ];
}

function refresh(addresses: Addresses): GuideStep[] {
  const { token, endpoint } = addresses;
  return [
    discover(addresses),
    {
      title: 'Change the refresh token for new tokens',
      explanation:
        'The answer has another refresh token, and the old one is used up: keep the new one before anything else. Whoever ' +
        'presents a used one ends all tokens of that login, since one of the two has stolen it.',
      command: `curl -s ${token} -d grant_type=refresh_token -d refresh_token=$REFRESH_TOKEN -d client_id=$CLIENT_ID --data-urlencode resource=${endpoint}`,
    },
    call(addresses),
  ];
}

function discover({ metadata, discovery }: Addresses): GuideStep {
  return {
    title: 'Find out who issues tokens',
    explanation: `The 401 of the gateway names ${metadata}; that names the authorization server, which describes itself at ${discovery}.`,
    command: `curl -s ${metadata}; curl -s ${discovery}`,
  };
}

function known(register: string | undefined, isOwn: boolean): GuideStep {
  const title = 'Have a client_id';
  if (register !== undefined)
    return {
      title,
      explanation:
        'A client is known by the https address of its own metadata document, by registering itself, or because it was made ' +
        'by hand.',
      command: `curl -s ${register} -H 'content-type: application/json' -d '{"client_name":"Test","redirect_uris":["http://127.0.0.1:8765/callback"],"token_endpoint_auth_method":"none"}'`,
    };
  return {
    title,
    explanation: 'Clients do not register themselves here: one has to be made by hand.',
    command: isOwn
      ? 'sallyport client create --name test --grant authorization_code --public --redirect http://127.0.0.1:8765/callback --json'
      : null,
  };
}

function call({ endpoint, isOwn }: Addresses): GuideStep {
  const hello = endpoint.replace(/\/mcp$/, '/hello');
  return {
    title: 'Use it',
    explanation: isOwn
      ? `GET ${hello} says whose the token is; the same header opens ${endpoint}.`
      : `The header opens ${endpoint}: anything but 401 and 403 says that the token is taken.`,
    command: isOwn
      ? `curl -s -H "Authorization: Bearer $TOKEN" ${hello}`
      : `curl -i -H "Authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{}' ${endpoint}`,
  };
}
