import { labelEndings } from '../label-endings.ts';
import type { AnchorRecogniser, Scan, ValueRecogniser, WordRecogniser } from '../recogniser.ts';
import { isVendorToken, mayBeginToken } from './secret-tokens.ts';

/** 1 for what may stand behind a token in a word of the sweep: a full stop, a hyphen. */
const BEHIND = new Uint8Array(0x1_00_00);
for (const char of '.+/~-') BEHIND[char.charCodeAt(0)] = 1;

function endOfToken(text: string, from: number, end: number): number {
  let at = end;
  while (at > from && BEHIND[text.charCodeAt(at - 1)] === 1) at -= 1;
  return at;
}

/** Behind the next slash. */
function nextPiece(text: string, from: number, end: number): number {
  for (let at = from; at < end; at++) if (text.charCodeAt(at) === 47) return at + 1;
  return end;
}

/** The number of a bot at Telegram, in front of its token. */
const BOT = /(?:^|\D)(\d{8,10}):$/;
const BOT_TOKEN = /^AA[\w-]{33}$/;

/** Tokens of clouds and vendors, and JWTs. */
export const secretToken: WordRecogniser = {
  anchor: 'word',
  find(scan, start, end) {
    const { text } = scan;
    // An assignment without blanks, or the end of an address: …/AKIA….
    const isPath = text.slice(start, end).includes('/');
    for (let from = start; from < end;) {
      const next = isPath ? nextPiece(text, from, end) : end;
      if (mayBeginToken(text, from, end)) {
        const word = text.slice(from, endOfToken(text, from, next));
        if (isVendorToken(word)) scan.report('SECRET', from, from + word.length, 0.95);
      }
      from = next;
    }
    if (text.charAt(start - 1) !== ':' || !BOT_TOKEN.test(text.slice(start, end))) return;
    const bot = BOT.exec(text.slice(Math.max(0, start - 12), start))?.[1];
    if (bot !== undefined) scan.report('SECRET', start - 1 - bot.length, end, 0.95);
  },
};

const PASSWORD_IN_URL = /:\/\/[^\s:@/?#"'<>]{0,80}:([^\s@/"'<>]{1,200})@[A-Za-z0-9_.[-]/y;
/** Whoever knows the rest of it may post there. */
const SLACK_HOOK = 'hooks.slack.com/services/';
const SCHEME = /[A-Za-z][A-Za-z0-9+.-]{1,30}$/;

/** Connection strings: `postgres://user:password@host/db`, and a web address with a password. */
export const connectionString: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    const { text } = scan;
    if (text.charAt(colon + 1) !== '/' || text.charAt(colon + 2) !== '/') return;
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
    // Behind the @ an address goes on, and a sentence in another script does not.
    const rest = /[A-Za-z0-9._~:/?#&=%+,[\]-]*/y;
    rest.lastIndex = PASSWORD_IN_URL.lastIndex - 1;
    const host = rest.exec(text)?.[0].replace(/[.,:?]+$/, '') ?? '';
    scan.report('SECRET', start, PASSWORD_IN_URL.lastIndex - 1 + host.length, 0.97);
  },
};

const ASSIGNED =
  /(?:password|passwd|pwd|passphrase|passcode|secret|api[ _-]?key|access[ _-]?key|account[ _-]?key|private[ _-]?key|auth[ _-]?token|access[ _-]?token|refresh[ _-]?token|client[ _-]?secret|secret[ _-]?(?:access[ _-]?)?key|비밀번호|패스워드|암호|비번|인증키|비밀키|api ?키|mot de passe|clé (?:api|d['’]api|secrète))["']?[ \t]{0,3}$/i;
const mayBeAssigned = labelEndings(
  'password passwd pwd passphrase passcode secret key token credential bearer jeton clé passe api secrète 번호 워드 암호 비번 증키 밀키 pi키 토큰 시크릿'.split(
    ' ',
  ),
);
/** A value, and nothing that says where one comes from: no call, no variable, no path. */
const ASSIGNED_VALUE =
  /[ \t]{0,3}["']?((?=[^\s"',;]{0,120}\d)(?=[^\s"',;]{0,120}[A-Za-z])[^\s"'`,;(){}<>[\]$.\\]{8,120})(?=["',;\s)*|<\]]|$)/y;
/** What is called no more than a token is often the number of a page: it has to look random as well. */
const CALLED_TOKEN = /(?:token|credential|bearer|jeton|토큰|시크릿|key|clé)["']?[ \t]{0,3}$/i;
const RANDOM_VALUE =
  /[ \t]{0,3}["']?((?=[^\s"',;]{0,40}\d)(?=[^\s"',;]{0,40}[a-z])(?=[^\s"',;]{0,40}[A-Z])[A-Za-z0-9_+/~-]{32,400}={0,2})(?=["',;\s)*|<\]]|$)/y;

/** `password=hunter2pass`, in whatever notation. */
export const secretAssigned: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    const { text } = scan;
    if (!mayBeAssigned(text, colon)) return;
    const before = text.slice(Math.max(0, colon - 24), colon);
    if (ASSIGNED.test(before)) assigned(scan, colon, ASSIGNED_VALUE, 0.65);
    else if (CALLED_TOKEN.test(before)) assigned(scan, colon, RANDOM_VALUE, 0.6);
  },
};

function assigned(scan: Scan, colon: number, shape: RegExp, score: number): void {
  const { text } = scan;
  shape.lastIndex = colon + 1;
  const value = shape.exec(text)?.[1];
  // A constant that is called after what it holds: the name of another one.
  if (value === undefined || /^[A-Z][A-Z0-9_]*$/.test(value)) return;
  const start = text.indexOf(value, colon + 1);
  scan.report('SECRET', start, start + value.length, score);
}

const NAMES_A_SECRET =
  /\b(?:password|passwd|pwd|passphrase|secret|api ?key|access ?key|secret ?key|private ?key|auth(?:orization)?|token|bearer|credentials?|mot de passe)\b|비밀번호|암호|패스워드|비번/;

/** The value of a JSON key that says it is secret. */
export const secretValue: ValueRecogniser = {
  anchor: 'value',
  isAbout: (key) => NAMES_A_SECRET.test(key),
  find(scan) {
    const { text } = scan;
    if (text.length < 6 || text.length > 4096 || /\s/.test(text)) return;
    // `token: "string"` describes one.
    const isOdd = /[^A-Za-z]/.test(text) && /^[\x21-\x7e]+$/.test(text);
    if (isOdd || /\d/.test(text)) scan.report('SECRET', 0, text.length, 0.7);
  },
};

const SHORTEST_HEADER = '-----BEGIN PRIVATE KEY-----'.length;

/** A private key in PEM, whole or as much of it as there is. */
export const privateKey: WordRecogniser = {
  anchor: 'word',
  find(scan: Scan, start, end) {
    const { text } = scan;
    // -----BEGIN is a word of ten; the base64 behind it is a long one.
    if (end - start < 40 || start < SHORTEST_HEADER) return;
    const before = text.slice(Math.max(0, start - 60), start);
    const begin = /-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----[\s\\rn]*$/.exec(before);
    if (!begin) return;
    const close = /-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
    close.lastIndex = end;
    const found = close.exec(text);
    scan.report('SECRET', start - begin[0].length, found ? close.lastIndex : end, 0.99);
  },
};
