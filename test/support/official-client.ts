import {
  Client,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';

type Tokens = Awaited<ReturnType<OAuthClientProvider['tokens']>>;
type Information = Awaited<ReturnType<OAuthClientProvider['clientInformation']>>;

/** How a client is known to an authorization server. */
export type KnownBy =
  | { readonly way: 'document'; readonly url: string }
  | { readonly way: 'registration'; readonly name: string }
  | { readonly way: 'beforehand'; readonly id: string; readonly secret?: string | undefined };

/** What a program that uses the official client keeps of a login. */
export class Login implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly clientMetadataUrl?: string;
  readonly clientMetadata;
  /** Where the person is to go. */
  goTo: URL | undefined;
  #information: Information;
  #tokens: Tokens;
  #verifier = '';
  #discovered: OAuthDiscoveryState | undefined;

  constructor(redirectUrl: string, known: KnownBy) {
    this.redirectUrl = redirectUrl;
    if (known.way === 'document') this.clientMetadataUrl = known.url;
    if (known.way === 'beforehand')
      this.#information = {
        client_id: known.id,
        ...(known.secret !== undefined && { client_secret: known.secret }),
      };
    this.clientMetadata = {
      client_name: known.way === 'registration' ? known.name : 'not asked',
      redirect_uris: [redirectUrl],
      token_endpoint_auth_method: 'none',
    };
  }

  state(): string {
    return 'of-this-login';
  }

  clientInformation(): Information {
    return this.#information;
  }

  saveClientInformation(information: NonNullable<Information>): void {
    this.#information = information;
  }

  tokens(): Tokens {
    return this.#tokens;
  }

  saveTokens(tokens: NonNullable<Tokens>): void {
    this.#tokens = tokens;
  }

  redirectToAuthorization(url: URL): void {
    this.goTo = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  saveDiscoveryState(discovered: OAuthDiscoveryState): void {
    this.#discovered = discovered;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovered;
  }
}

/**
 * Connects as the official client does: where it has to log in, `browse` takes the person there and says where they came
 * back to.
 */
export async function connectWith(
  login: Login,
  endpoint: string,
  browse: (url: URL) => Promise<URL>,
): Promise<Client> {
  const attempt = async (): Promise<Client> => {
    const client = new Client({ name: 'official', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(new URL(endpoint), { authProvider: login }));
    return client;
  };
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof UnauthorizedError) || !login.goTo) throw error;
    const back = await browse(login.goTo);
    const transport = new StreamableHTTPClientTransport(new URL(endpoint), { authProvider: login });
    await transport.finishAuth(back.searchParams);
    return attempt();
  }
}
