import type { AnchorRecogniser, Scan, ValueRecogniser, WordRecogniser } from '../recogniser.ts';

/** Keys and tokens that say whose they are by how they begin. */
const TOKENS: readonly (readonly [prefix: string, whole: RegExp])[] = [
  ['AKIA', /^(?:AKIA|ASIA)[A-Z2-7]{16}$/],
  ['ASIA', /^(?:AKIA|ASIA)[A-Z2-7]{16}$/],
  ['AIza', /^AIza[\w-]{35}$/],
  ['ya29.', /^ya29\.[\w-]{20,}$/],
  ['ghp_', /^gh[pousr]_[A-Za-z0-9]{36,}$/],
  ['gho_', /^gh[pousr]_[A-Za-z0-9]{36,}$/],
  ['ghu_', /^gh[pousr]_[A-Za-z0-9]{36,}$/],
  ['ghs_', /^gh[pousr]_[A-Za-z0-9]{36,}$/],
  ['ghr_', /^gh[pousr]_[A-Za-z0-9]{36,}$/],
  ['github_pat_', /^github_pat_\w{22,}$/],
  ['glpat-', /^glpat-[\w-]{20,}$/],
  ['sk-', /^sk-(?:[a-z]+-)*[\w-]{20,}$/],
  ['sk_live_', /^[spr]k_(?:live|test)_[A-Za-z0-9]{16,}$/],
  ['sk_test_', /^[spr]k_(?:live|test)_[A-Za-z0-9]{16,}$/],
  ['rk_live_', /^[spr]k_(?:live|test)_[A-Za-z0-9]{16,}$/],
  ['whsec_', /^whsec_[A-Za-z0-9+/=]{24,}$/],
  ['xox', /^xox[abeoprs]-[A-Za-z0-9-]{10,}$/],
  ['xapp-', /^xapp-[A-Za-z0-9-]{20,}$/],
  ['npm_', /^npm_[A-Za-z0-9]{36}$/],
  ['pypi-', /^pypi-[\w-]{50,}$/],
  ['hf_', /^hf_[A-Za-z0-9]{30,}$/],
  ['SG.', /^SG\.[\w-]{16,}\.[\w-]{16,}$/],
  ['dop_v1_', /^do[opr]_v1_[0-9a-f]{64}$/],
  ['shpat_', /^shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}$/],
  ['AGE-SECRET-KEY-', /^AGE-SECRET-KEY-1[A-Z0-9]{58}$/],
  ['eyJ', /^eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*$/],
];
/** By their first two characters, so that a word is not compared with all of them. */
const BY_START = new Map<string, (readonly [prefix: string, whole: RegExp])[]>();
for (const token of TOKENS) {
  const start = token[0].slice(0, 2);
  BY_START.set(start, [...(BY_START.get(start) ?? []), token]);
}
/** What may stand around a token in a word of the sweep. */
const EDGES = /^[.+/~]+|[.+/~-]+$/g;

/** Tokens of clouds and vendors, and JWTs. */
export const secretToken: WordRecogniser = {
  anchor: 'word',
  find(scan, start, end) {
    const { text } = scan;
    // An assignment without blanks, or the end of an address: …/AKIA….
    let from = start;
    for (const piece of text.slice(start, end).split(/(?<=[/~])/)) {
      const candidates = BY_START.get(piece.slice(0, 2));
      const word = piece.replace(EDGES, '');
      if (candidates?.some(([prefix, whole]) => word.startsWith(prefix) && isToken(whole, word)))
        scan.report('SECRET', from, from + word.length, 0.95);
      from += piece.length;
    }
  },
};

/** Somebody's random characters, and not `sk-this-is-a-placeholder`. */
function isToken(whole: RegExp, word: string): boolean {
  return (
    whole.test(word) &&
    (/\d/.test(word) || /[a-z][A-Z]|[A-Z]{12}/.test(word)) &&
    !/x{8}|X{8}|\*{4}|\.{3}/.test(word)
  );
}

const PASSWORD_IN_URL = /:\/\/[^\s:@/?#"'<>]{0,80}:([^\s@/"'<>]{1,200})@[A-Za-z0-9_.[-]/y;
/** Whoever knows the rest of it may post there. */
const SLACK_HOOK = 'hooks.slack.com/services/';
const SCHEME = /[A-Za-z][A-Za-z0-9+.-]{1,30}$/;

/** Connection strings: `postgres://user:password@host/db`, and a web address with a password. */
export const connectionString: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    const { text } = scan;
    if (text[colon + 1] !== '/' || text[colon + 2] !== '/') return;
    if (text.startsWith(SLACK_HOOK, colon + 3) && text.startsWith('https', colon - 5)) {
      const path = /[\w/]{20,90}/y;
      path.lastIndex = colon + 3 + SLACK_HOOK.length;
      if (path.test(text)) scan.report('SECRET', colon - 5, path.lastIndex, 0.95);
      return;
    }
    PASSWORD_IN_URL.lastIndex = colon;
    const found = PASSWORD_IN_URL.exec(text);
    const scheme = found && SCHEME.exec(text.slice(Math.max(0, colon - 32), colon));
    // A template: ${USER}:${PASSWORD}.
    if (!found || !scheme || /^(?:\$|\{|<|%|\*+$|x+$)/i.test(found[1] ?? '')) return;
    const start = colon - scheme[0].length;
    const rest = /[^\s"'<>`]*/y;
    rest.lastIndex = colon;
    scan.report('SECRET', start, colon + (rest.exec(text)?.[0].replace(/[.,;)]+$/, '').length ?? 0), 0.97);
  },
};

const ASSIGNED =
  /(?:password|passwd|pwd|passphrase|secret|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token|client[_-]?secret|비밀번호|패스워드|암호|mot de passe)["']?[ \t]{0,3}$/i;
/** A value, and nothing that says where one comes from: no call, no variable, no path. */
const ASSIGNED_VALUE =
  /[ \t]{0,3}["']?((?=[^\s"',;]{0,120}\d)(?=[^\s"',;]{0,120}[A-Za-z])[^\s"'`,;(){}<>[\]$.\\]{8,120})(?=["',;\s]|$)/y;

/** `password=hunter2pass`, in whatever notation. */
export const secretAssigned: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    const { text } = scan;
    if (!ASSIGNED.test(text.slice(Math.max(0, colon - 24), colon))) return;
    ASSIGNED_VALUE.lastIndex = colon + 1;
    const value = ASSIGNED_VALUE.exec(text)?.[1];
    if (value === undefined) return;
    scan.report('SECRET', ASSIGNED_VALUE.lastIndex - value.length, ASSIGNED_VALUE.lastIndex, 0.65);
  },
};

const NAMES_A_SECRET =
  /\b(?:password|passwd|pwd|passphrase|secret|api ?key|access ?key|secret ?key|private ?key|auth(?:orization)?|token|bearer|credentials?|mot de passe)\b|비밀번호|암호|패스워드|비번/;

/** The value of a JSON key that says it is secret. */
export const secretValue: ValueRecogniser = {
  anchor: 'value',
  find(scan) {
    const { text, key } = scan;
    if (!NAMES_A_SECRET.test(key) || text.length < 6 || text.length > 4096 || /\s/.test(text)) return;
    // `token: "string"` describes one.
    if (/\d/.test(text) || /[^A-Za-z]/.test(text)) scan.report('SECRET', 0, text.length, 0.7);
  },
};

/** A private key in PEM, whole or as much of it as there is. */
export const privateKey: WordRecogniser = {
  anchor: 'word',
  find(scan: Scan, start, end) {
    const { text } = scan;
    // -----BEGIN is a word of ten; the base64 behind it is a long one.
    if (end - start < 40) return;
    const before = text.slice(Math.max(0, start - 60), start);
    const begin = /-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----[\s\\rn]*$/.exec(before);
    if (!begin) return;
    const close = /-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
    close.lastIndex = end;
    const found = close.exec(text);
    scan.report('SECRET', start - begin[0].length, found ? close.lastIndex : end, 0.99);
  },
};
