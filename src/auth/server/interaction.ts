import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { AuthServerConfig } from '../../config/auth-server.ts';
import { RateLimiter } from '../../core/rate.ts';
import { subscriberOf } from '../../config/address-block.ts';
import type { Logger } from '../../telemetry/log.ts';
import { errorPage } from './error-page.ts';
import type { Page } from './layout.ts';
import { type Asking, consentPage, loginPage, type LoginPage } from './pages.ts';
import { bodyOf } from './rewrite.ts';
import { type Texts, textsFor } from './texts.ts';
import { LoginRefused, type UpstreamLogin } from './upstream-login.ts';
import type { User, Users } from './users.ts';

type Details = Awaited<ReturnType<Provider['interactionDetails']>>;

export interface InteractionOptions {
  readonly provider: () => Provider;
  readonly users: Users;
  readonly config: AuthServerConfig;
  readonly issuer: string;
  /** Signs the forms. */
  readonly secret: string;
  readonly upstream: UpstreamLogin | undefined;
  /** Was this client made by whoever runs this server? */
  readonly isOurs: (clientId: string) => boolean;
  readonly log: Logger;
}

// Five tries at once, then one every half a minute; an address may have many people behind it.
const PER_ACCOUNT = { intervalMs: 30_000, burst: 4 };
const PER_ADDRESS = { intervalMs: 6000, burst: 19 };

/** A form without the proof that it is ours. */
class Forged extends Error {}

/** Where a person logs in, and says whether a client may act for them. */
export class Interactions {
  readonly #options: InteractionOptions;
  readonly #byAccount = new RateLimiter(PER_ACCOUNT);
  readonly #byAddress = new RateLimiter(PER_ADDRESS);

  constructor(options: InteractionOptions) {
    this.#options = options;
  }

  /** @param action the path of this page, as a browser knows it */
  async handle(
    req: IncomingMessage,
    res: ServerResponse,
    action: string,
    address: string | undefined,
  ): Promise<void> {
    const texts = textsFor(req.headers['accept-language']);
    try {
      // Throws where the cookie of this browser is not the one that the page was made for.
      const details = await this.#options.provider().interactionDetails(req, res);
      if (!action.endsWith(`/${details.uid}`)) throw new errors.SessionNotFound('another page');
      if (req.method === 'GET' || req.method === 'HEAD') {
        const answer = new URL(req.url ?? '', this.#options.issuer).searchParams;
        if (answer.has('state')) return await this.#answered(req, res, answer, details.uid);
        return await this.#show(res, details, action, texts);
      }
      const form = new URLSearchParams(await bodyOf(req));
      if (!this.#isOurForm(details.uid, form.get('csrf') ?? '')) throw new Forged();
      await this.#act(req, res, { details, form, action, address, texts });
    } catch (error) {
      if (error instanceof Forged)
        return send(res, 403, errorPage(req.headers['accept-language'], 'forged', ''));
      if (!(error instanceof errors.OIDCProviderError)) throw error;
      send(res, 400, errorPage(req.headers['accept-language'], 'expired', ''));
    }
  }

  async #act(
    req: IncomingMessage,
    res: ServerResponse,
    { details, form, action, address, texts }: Act,
  ): Promise<void> {
    const { provider: current, upstream } = this.#options;
    const provider = current();
    const asked = form.get('do');
    if (asked === 'abort') {
      const result = { error: 'access_denied', error_description: 'the person said no' };
      return provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
    }
    if (details.prompt.name === 'login') {
      if (upstream) {
        if (asked !== 'upstream') return this.#show(res, details, action, texts);
        const location = await upstream.begin(details.uid);
        res.writeHead(303, { location, 'cache-control': 'no-store' }).end();
        return undefined;
      }
      return this.#login(req, res, { details, form, action, address, texts });
    }
    if (asked === 'switch') {
      // The session ends; the same request then asks who it is.
      const session = await provider.Session.findByUid(details.session?.uid ?? '');
      await session?.destroy();
      const again = new URL(details.returnTo);
      const parameters = new URLSearchParams();
      for (const [name, value] of Object.entries(details.params))
        if (typeof value === 'string') parameters.set(name, value);
      again.pathname = again.pathname.replace(/\/oauth2\/authorize\/.*$/, '/oauth2/authorize');
      again.search = parameters.toString();
      res.writeHead(303, { location: again.href, 'cache-control': 'no-store' }).end();
      return undefined;
    }
    if (asked !== 'allow') return this.#show(res, details, action, texts);
    const grantId = await grant(provider, details);
    return provider.interactionFinished(
      req,
      res,
      { consent: { grantId } },
      { mergeWithLastSubmission: true },
    );
  }

  async #login(req: IncomingMessage, res: ServerResponse, act: Act): Promise<void> {
    const { details, form, action, address, texts } = act;
    const name = form.get('name') ?? '';
    const account = name.trim().toLowerCase();
    const subscriber = address === undefined ? '' : subscriberOf(address);
    const waitMs = this.#byAddress.take(subscriber) || this.#byAccount.take(account);
    if (waitMs > 0) {
      const shown = await this.#loginView(details, action, name, { waitMs });
      res.setHeader('retry-after', Math.ceil(waitMs / 1000));
      return send(res, 429, loginPage(shown, texts));
    }
    const user = await this.#options.users.check(name, form.get('password') ?? '');
    if (!user) return send(res, 401, loginPage(await this.#loginView(details, action, name, 'wrong'), texts));
    this.#byAddress.giveBack(subscriber);
    this.#byAccount.giveBack(account);
    return this.#enter(req, res, user);
  }

  /** Another provider has answered who it is. */
  async #answered(
    req: IncomingMessage,
    res: ServerResponse,
    answer: URLSearchParams,
    uid: string,
  ): Promise<void> {
    const { upstream, log } = this.#options;
    try {
      if (!upstream) throw new LoginRefused('there is no other provider');
      await this.#enter(req, res, await upstream.finish(answer, uid));
    } catch (error) {
      const why = error instanceof LoginRefused ? error.message : 'the other provider cannot be understood';
      log.info({ why }, 'no login');
      send(res, 403, errorPage(req.headers['accept-language'], 'access_denied', why));
    }
  }

  /** Goes on as this person. */
  #enter(req: IncomingMessage, res: ServerResponse, user: User): Promise<void> {
    const result = { login: { accountId: user.name } };
    return this.#options.provider().interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  }

  async #show(res: ServerResponse, details: Details, action: string, texts: Texts): Promise<void> {
    if (details.prompt.name === 'login')
      return send(res, 200, loginPage(await this.#loginView(details, action, '', undefined), texts));
    const { resource, scope } = details.params;
    const view = {
      ...(await this.#asking(details)),
      csrf: this.#proof(details.uid),
      action,
      user: details.session?.accountId ?? '',
      site: hostOf(typeof resource === 'string' ? resource : this.#options.issuer),
      scopes: typeof scope === 'string' ? scope.split(' ') : [],
    };
    send(res, 200, consentPage(view, texts));
  }

  async #loginView(
    details: Details,
    action: string,
    name: string,
    problem: LoginPage['problem'],
  ): Promise<LoginPage> {
    const { upstream } = this.#options;
    const csrf = this.#proof(details.uid);
    return { ...(await this.#asking(details)), csrf, action, name, problem, upstream: upstream?.site };
  }

  async #asking({ params }: Details): Promise<Asking> {
    const id = String(params['client_id']);
    const client = await this.#options.provider().Client.find(id);
    const isDocument = /^https:\/\//i.test(id);
    return {
      client: client?.clientName ?? (isDocument ? hostOf(id) : id),
      vouchedBy: isDocument ? hostOf(id) : undefined,
      isOurs: this.#options.isOurs(id),
      redirectUri: String(params['redirect_uri']),
    };
  }

  /** What only a form that we sent to this browser, for this request, has in it. */
  #proof(uid: string): string {
    return createHmac('sha256', this.#options.secret).update(`form ${uid}`).digest('base64url');
  }

  #isOurForm(uid: string, given: string): boolean {
    const expected = Buffer.from(this.#proof(uid));
    const actual = Buffer.from(given);
    return expected.length === actual.length && timingSafeEqual(expected, actual);
  }
}

interface Act {
  readonly details: Details;
  readonly form: URLSearchParams;
  readonly action: string;
  readonly address: string | undefined;
  readonly texts: Texts;
}

/** Writes down what was allowed: what was asked for now, on top of what was before. */
async function grant(provider: Provider, { grantId, session, params, prompt }: Details): Promise<string> {
  const accountId = session?.accountId;
  if (accountId === undefined) throw new errors.SessionNotFound('nobody is logged in');
  const before = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const given = before ?? new provider.Grant({ accountId, clientId: String(params['client_id']) });
  const { missingOIDCScope, missingResourceScopes } = prompt.details;
  if (Array.isArray(missingOIDCScope)) given.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {}))
    if (Array.isArray(scopes)) given.addResourceScope(resource, scopes.join(' '));
  return given.save();
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

export function send(res: ServerResponse, status: number, { html, headers }: Page): void {
  res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(html) });
  res.end(html);
}
