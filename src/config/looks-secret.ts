/**
 * Guesses what is a secret among values that need not be one. A wrong guess costs little: a `*` where a letter could
 * have stood, or a word in the log that a careful writer would have put into a variable.
 */
const NAMES_A_SECRET = /key|token|secret|passw|pwd|auth|credential|bearer|header|cookie|signature/i;
/** Options of curl, docker and their like whose value is often a secret. */
const TAKES_A_SECRET = /^(?:-e|--env|-H|-u|--user)$/;
/** `sk-…`, `ghp_…`, and longer words of letters with some digits: a key, not a word that somebody chose. */
const RANDOM = /^(?:sk-|gh[a-z]_|xox[a-z]-|eyJ)|^(?=(?:\D*\d){3})(?=.*[A-Za-z])[\w-]{12,}$/;

/** Does a variable of this name hold a secret, rather than `production` or a path? */
export function isSecretVariable(name: string, value: string): boolean {
  return NAMES_A_SECRET.test(name) || isSecretWord(value);
}

/**
 * Is a word of a command one, or does it contain one: `--api-key=…`, `X_TOKEN=…`, an address with a password?
 * @param before the word before it: what follows `--token` is secret.
 */
export function isSecretWord(value: string, before?: unknown): boolean {
  if (NAMES_A_SECRET.test(value) && /[=:\s]/.test(value)) return true;
  if (typeof before === 'string' && before.startsWith('-')) {
    if (NAMES_A_SECRET.test(before) || TAKES_A_SECRET.test(before)) return true;
  }
  return hasRandomPart(value) || (value.includes('://') && isSecretAddress(value));
}

/** A password (https://user:password@host), a key (?api_key=…), a token (/s/4f5c…/mcp); or no address at all. */
export function isSecretAddress(value: string): boolean {
  const url = URL.parse(value);
  if (!url || url.username || url.password || url.search || url.hash) return true;
  return url.host === '' || hasRandomPart(value);
}

/** A broken quote can make a key of any value; a real key is a plain word or two. */
export function isPlainKey(name: string): boolean {
  return /^[@\p{L}\p{N} ()/.,_$-]{1,64}$/u.test(name) && !isSecretWord(name);
}

/** The key as messages name it. */
export function quoteKey(name: string): string {
  return isPlainKey(name) ? `"${name}"` : '(hidden)';
}

function hasRandomPart(text: string): boolean {
  return text.split(/[^\w-]+/).some((part) => RANDOM.test(part));
}
