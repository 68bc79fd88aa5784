import { suggest } from '../../config/suggest.ts';
import { type TokenInfo, TokenStore } from '../../auth/token-store.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { HomeStore } from '../home-store.ts';
import { homePath, openHome } from '../home.ts';
import type { Terminal } from '../terminal.ts';
import { displayWidth, pad } from '../text.ts';

export interface CreateOptions {
  readonly name: string;
  readonly scope?: string;
  /** Milliseconds. */
  readonly expires?: number;
  readonly user?: string;
  readonly role?: string;
  readonly json?: boolean;
}

const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;
/** RFC 6749, section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** `sallyport token create`: the token goes to stdout, what is to be known about it to stderr. */
export async function createToken(options: CreateOptions, terminal: Terminal): Promise<ExitCode> {
  const { name, user } = options;
  if (!NAME.test(name) || name === 'default')
    throw new Failure(EXIT.USAGE, `a token cannot be called ${JSON.stringify(name)}`, [
      '1 to 64 letters, digits, _, - and .; default is the token of the home',
    ]);
  const scopes = words(options.scope);
  if (scopes && !scopes.every((scope) => SCOPE.test(scope)))
    throw new Failure(EXIT.USAGE, '--scope has a character that no scope can have');
  const expiresAt = options.expires === undefined ? undefined : Date.now() + options.expires;
  const terms = { scopes, user, roles: words(options.role), expiresAt };
  const token = await withTokens(terminal, (tokens) => tokens.create(name, terms));
  if (token === undefined)
    throw new Failure(EXIT.FAILED, `there is a token called ${name} already`, [
      `sallyport token rotate ${name}   puts another one in its place`,
      `sallyport token revoke ${name}   ends it`,
    ]);
  show({ name, token, scopes: scopes ?? null, expires: dated(expiresAt) }, options, terminal);
  return EXIT.OK;
}

/** `sallyport token rotate NAME`. */
export async function rotateToken(
  name: string,
  options: { readonly json?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const token = await withTokens(terminal, (tokens) => tokens.rotate(name) ?? unknown(name, tokens));
  show({ name, token }, options, terminal);
  return EXIT.OK;
}

/** `sallyport token revoke NAME`. */
export async function revokeToken(name: string, terminal: Terminal): Promise<ExitCode> {
  await withTokens(terminal, (tokens) => tokens.revoke(name) || unknown(name, tokens));
  terminal.stderr.write(`The token ${name} is revoked.\n`);
  return EXIT.OK;
}

/** `sallyport token list`: never a token, since nobody has it any more. */
export async function listTokens(
  options: { readonly json?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const tokens = await withTokens(terminal, (store) => store.list());
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify({ tokens: tokens.map(described) })}\n`);
    return EXIT.OK;
  }
  if (tokens.length === 0)
    terminal.stderr.write('There is no token here: sallyport token create --name NAME\n');
  const width = Math.max(0, ...tokens.map(({ name }) => displayWidth(name)));
  for (const token of tokens) {
    const { scopes, expires, lastUsed } = described(token);
    const facts = [
      scopes === null ? 'for everything' : scopes.join(' '),
      expires === null ? 'never ends' : `until ${expires.slice(0, 10)}`,
      lastUsed === null ? 'never used' : `last used ${lastUsed.slice(0, 16).replace('T', ' ')} UTC`,
    ];
    terminal.stdout.write(`${pad(token.name, width)}  ${facts.join(', ')}\n`);
  }
  return EXIT.OK;
}

function described({ name, scopes, user, roles, createdAt, expiresAt, lastUsedAt }: TokenInfo) {
  return {
    name,
    scopes: scopes ?? null,
    user: user ?? null,
    roles: roles ?? null,
    created: dated(createdAt),
    expires: dated(expiresAt),
    lastUsed: dated(lastUsedAt),
  };
}

async function withTokens<T>(terminal: Terminal, work: (tokens: TokenStore) => T): Promise<T> {
  const home = await openHome(homePath(terminal.env));
  using store = new HomeStore(home);
  return work(new TokenStore(await store.open()));
}

function show(
  shown: { readonly name: string; readonly token: string; readonly [more: string]: unknown },
  { json }: { readonly json?: boolean },
  terminal: Terminal,
): void {
  if (json) return void terminal.stdout.write(`${JSON.stringify(shown)}\n`);
  terminal.stdout.write(`${shown.token}\n`);
  terminal.stderr.write(`This is the token ${shown.name}. It is not shown again: only its hash is kept.\n`);
}

function unknown(name: string, tokens: TokenStore): never {
  const names = tokens.list().map((token) => token.name);
  const meant = suggest(name, names);
  throw new Failure(EXIT.FAILED, `there is no token called ${name}`, [
    ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
    'sallyport token list   shows which there are',
  ]);
}

function words(text: string | undefined): string[] | undefined {
  return text?.split(/\s+/).filter((word) => word !== '');
}

function dated(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
