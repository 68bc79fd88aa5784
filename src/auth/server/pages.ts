import { isLoopback } from './client-metadata.ts';
import { DEFAULT_SCOPE } from './configuration.ts';
import { html, type Html, NOTHING, sentence } from './html.ts';
import { page, type Page } from './layout.ts';
import { inWords, type Texts } from './texts.ts';

/** Who asks, and where the answer goes. */
export interface Asking {
  /** What the client calls itself, or its address. */
  readonly client: string;
  /** The site whose document the client is, such as `claude.ai`; undefined: it registered itself, or an operator did. */
  readonly vouchedBy: string | undefined;
  /** Did the person who runs this server make this client? */
  readonly isOurs: boolean;
  readonly redirectUri: string;
}

export interface LoginPage extends Asking {
  readonly csrf: string;
  readonly action: string;
  readonly name: string;
  readonly problem?: 'wrong' | { readonly waitMs: number } | undefined;
  /** The host of another issuer who says who somebody is; then there is no password. */
  readonly upstream: string | undefined;
}

export function loginPage(view: LoginPage, texts: Texts): Page {
  const { csrf, action, name, problem, upstream, client } = view;
  const body = html`<h1>${texts.signIn}</h1>
    <p class="soft">${sentence(texts.signInTo, { client })}</p>
    ${problem === undefined ? NOTHING : html`<p class="bad" role="alert" id="problem">${problemText(problem, texts)}</p>`}
    <form method="post" action="${action}">
      <input type="hidden" name="csrf" value="${csrf}" />
      ${
        upstream === undefined
          ? html`<label for="name">${texts.userName}</label>
              <input
                id="name"
                name="name"
                value="${name}"
                autocomplete="username"
                autocapitalize="none"
                spellcheck="false"
                required
                maxlength="64"
                ${name === '' ? html` autofocus` : NOTHING}
              />
              <label for="password">${texts.password}</label>
              <input
                id="password"
                name="password"
                type="password"
                autocomplete="current-password"
                required
                maxlength="1000"
                ${name === '' ? NOTHING : html` autofocus aria-describedby="problem"`}
              />
              <button name="do" value="login">${texts.signIn}</button>`
          : html`<button name="do" value="upstream">
              ${sentence(texts.signInWith, { site: upstream })}
            </button>`
      }
      <button class="plain" name="do" value="abort" formnovalidate>${texts.deny}</button>
    </form>`;
  const targets = [formTarget(view.redirectUri)];
  return page(
    texts.signIn,
    body,
    texts,
    upstream === undefined ? targets : [...targets, `https://${upstream}`, `http://${upstream}`],
  );
}

function problemText(problem: NonNullable<LoginPage['problem']>, texts: Texts): Html {
  if (problem === 'wrong') return html`${texts.wrong}`;
  return sentence(texts.wait, { time: inWords(problem.waitMs, texts) });
}

export interface ConsentPage extends Asking {
  readonly csrf: string;
  readonly action: string;
  readonly user: string;
  /** The gateway that it is about, such as `mcp.example.com`. */
  readonly site: string;
  readonly scopes: readonly string[];
}

/**
 * > the MCP proxy server MUST … Clearly identify the requesting MCP client by name … Show the registered `redirect_uri`
 * > where tokens will be sent … Prevent iframing (basic/security_best_practices, "Consent UI Requirements")
 */
export function consentPage(view: ConsentPage, texts: Texts): Page {
  const { csrf, action, client, user, site, redirectUri, vouchedBy, isOurs } = view;
  const others = view.scopes.filter((scope) => scope !== DEFAULT_SCOPE && scope !== 'offline_access');
  const identity = isOurs
    ? NOTHING
    : html`<p class="soft">
        ${
          vouchedBy === undefined
            ? sentence(texts.unverified, { client })
            : sentence(texts.unverifiedSite, { client, site: vouchedBy })
        }
      </p>`;
  const body = html`<h1>${texts.allowTitle}</h1>
    <p>${sentence(texts.asks, { client, site })}</p>
    <div class="who">
      <p>${sentence(texts.signedInAs, { user })}</p>
      <form method="post" action="${action}">
        <input type="hidden" name="csrf" value="${csrf}" /><button class="link" name="do" value="switch">
          ${texts.otherAccount}
        </button>
      </form>
    </div>
    <h2>${texts.mayTitle}</h2>
    <ul>
      <li>${texts.mayUse}</li>
      <li>${texts.mayStay}</li>
      ${others.map((scope) => html`<li>${sentence(texts.mayScope, { scope })}</li>`)}
    </ul>
    <div class="where">
      <span class="soft">${texts.sentTo}</span><b><bdi>${shownTarget(redirectUri)}</bdi></b>
      ${isLoopback(redirectUri) ? html`<span class="soft">${texts.onThisDevice}</span>` : NOTHING}
    </div>
    ${warning(redirectUri, client, texts)} ${identity}
    <form method="post" action="${action}">
      <input type="hidden" name="csrf" value="${csrf}" />
      <button name="do" value="allow">${texts.allow}</button>
      <button class="plain" name="do" value="abort">${texts.deny}</button>
    </form>
    <footer><p class="soft">${texts.revokeLater}</p></footer>`;
  return page(texts.allowTitle, body, texts, [formTarget(redirectUri)]);
}

/** The host, as it is: in a URL it is punycode already, so that look-alikes are seen. */
function shownTarget(uri: string): string {
  const { protocol, host } = new URL(uri);
  return protocol === 'https:' || isLoopback(uri) ? host : `${protocol}//${host}`;
}

function warning(uri: string, client: string, texts: Texts): Html {
  if (isLoopback(uri)) return html`<p class="warn">${sentence(texts.loopbackWarning, { client })}</p>`;
  return uri.startsWith('https:') ? NOTHING : html`<p class="warn">${texts.appWarning}</p>`;
}

/** A source for `form-action`: nothing of a redirect that could end the policy gets into it. */
function formTarget(uri: string): string {
  const { protocol, origin } = new URL(uri);
  return protocol === 'https:' || protocol === 'http:' ? origin : protocol;
}
