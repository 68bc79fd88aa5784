/**
 * Keys and tokens that say whose they are by how they begin, each with its whole form. What is public beside them, such
 * as ids of accounts and keys for browsers, is not here.
 */
const TOKENS: readonly (readonly [prefix: string, whole: RegExp])[] = [
  // Clouds and hosts.
  ['AKIA', /^AKIA[A-Z2-7]{16}$/],
  ['ASIA', /^ASIA[A-Z2-7]{16}$/],
  ['ABSK', /^ABSK[A-Za-z0-9+/]{100,}$/],
  ['AIza', /^AIza[\w-]{35}$/],
  ['ya29.', /^ya29\.[\w.-]{20,}$/],
  ['GOCSPX-', /^GOCSPX-[\w-]{20,}$/],
  ['dop_v1_', /^dop_v1_[0-9a-f]{64}$/],
  ['doo_v1_', /^doo_v1_[0-9a-f]{64}$/],
  ['dor_v1_', /^dor_v1_[0-9a-f]{64}$/],
  ['HRKU-', /^HRKU-[\w-]{36,}$/],
  ['nfp_', /^nfp_[A-Za-z0-9]{36,}$/],
  ['FlyV1', /^FlyV1$/],
  ['fo1_', /^fo1_[\w-]{40,}$/],
  ['sbp_', /^sbp_[0-9a-f]{40}$/],
  ['dapi', /^dapi[0-9a-f]{32}(?:-\d)?$/],
  ['tskey-', /^tskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{16,}$/],
  ['hvs.', /^hv[sbr]\.[\w-]{24,}$/],
  ['hvb.', /^hv[sbr]\.[\w-]{24,}$/],
  ['pul-', /^pul-[0-9a-f]{40}$/],
  ['pscale_', /^pscale_(?:tkn|pw|oauth)_[\w.=-]{30,}$/],
  ['dp.pt.', /^dp\.(?:pt|st|sa|ct)\.[\w.-]{40,}$/],
  ['dp.st.', /^dp\.(?:pt|st|sa|ct)\.[\w.-]{40,}$/],
  // Repositories and registries.
  ['ghp_', /^ghp_[A-Za-z0-9]{36,}$/],
  ['gho_', /^gho_[A-Za-z0-9]{36,}$/],
  ['ghu_', /^ghu_[A-Za-z0-9]{36,}$/],
  ['ghs_', /^ghs_[A-Za-z0-9]{36,}$/],
  ['ghr_', /^ghr_[A-Za-z0-9]{36,}$/],
  ['github_pat_', /^github_pat_\w{22,}$/],
  ['glpat-', /^glpat-[\w.-]{20,}$/],
  ['gldt-', /^gldt-[\w-]{20,}$/],
  ['glrt-', /^glrt-[\w.-]{20,}$/],
  ['glptt-', /^glptt-[0-9a-f]{40}$/],
  ['ATATT3', /^ATATT3[\w=-]{50,}$/],
  ['ATBB', /^ATBB[A-Za-z0-9]{24,}$/],
  ['npm_', /^npm_[A-Za-z0-9]{36}$/],
  ['pypi-', /^pypi-[\w-]{50,}$/],
  ['rubygems_', /^rubygems_[0-9a-f]{48}$/],
  ['dckr_pat_', /^dckr_pat_[\w-]{20,}$/],
  ['CLOJARS_', /^CLOJARS_[0-9a-z]{60}$/],
  ['sgp_', /^sgp_(?:[0-9a-fA-F]{16}_|local_)?[0-9a-fA-F]{40}$/],
  ['sqp_', /^sq[pua]_[0-9a-f]{40}$/],
  ['squ_', /^sq[pua]_[0-9a-f]{40}$/],
  ['sqa_', /^sq[pua]_[0-9a-f]{40}$/],
  // Models.
  ['sk-', /^sk-(?:[a-z]+-)*[\w-]{20,}$/],
  ['sess-', /^sess-[A-Za-z0-9]{40}$/],
  ['hf_', /^hf_[A-Za-z0-9]{30,}$/],
  ['gsk_', /^gsk_[A-Za-z0-9]{40,}$/],
  ['xai-', /^xai-[A-Za-z0-9]{60,}$/],
  ['pplx-', /^pplx-[A-Za-z0-9]{40,}$/],
  ['r8_', /^r8_[A-Za-z0-9]{37,}$/],
  ['nvapi-', /^nvapi-[\w-]{50,}$/],
  // Payment and shops.
  ['sk_live_', /^[spr]k_(?:live|test)_[A-Za-z0-9]{16,}$/],
  ['sk_test_', /^[spr]k_(?:live|test)_[A-Za-z0-9]{16,}$/],
  ['rk_live_', /^[spr]k_(?:live|test)_[A-Za-z0-9]{16,}$/],
  ['rk_test_', /^[spr]k_(?:live|test)_[A-Za-z0-9]{16,}$/],
  ['whsec_', /^whsec_[A-Za-z0-9+/=]{24,}$/],
  ['sq0', /^sq0(?:atp|csp)-[\w-]{22,}$/],
  ['shpat_', /^shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}$/],
  ['shpca_', /^shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}$/],
  ['shppa_', /^shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}$/],
  ['shpss_', /^shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}$/],
  ['shippo_', /^shippo_(?:live|test)_[0-9a-f]{40}$/],
  ['access_token', /^access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}$/],
  ['EZAK', /^EZ[AT]K[A-Za-z0-9]{54}$/],
  // Messages and mail.
  ['xox', /^xox[abceoprs](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}$/],
  ['xapp-', /^xapp-[A-Za-z0-9-]{20,}$/],
  ['SG.', /^SG\.[\w-]{16,}\.[\w-]{16,}$/],
  ['SK', /^SK[0-9a-f]{32}$/],
  ['key-', /^key-[0-9a-f]{32}$/],
  ['xkeysib-', /^xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}$/],
  ['EAA', /^EAA[A-Za-z0-9]{50,}$/],
  // Programs for teams.
  ['lin_api_', /^lin_api_[A-Za-z0-9]{40}$/],
  ['secret_', /^secret_[A-Za-z0-9]{43}$/],
  ['ntn_', /^ntn_[A-Za-z0-9]{40,}$/],
  ['tfp_', /^tfp_[A-Za-z0-9_]{50,}$/],
  ['figd_', /^figd_[\w-]{40,}$/],
  ['PMAK-', /^PMAK-[0-9a-f]{24}-[0-9a-f]{34}$/],
  ['rdme_', /^rdme_[a-z0-9]{70}$/],
  ['phx_', /^phx_[A-Za-z0-9]{40,}$/],
  ['ops_eyJ', /^ops_eyJ[\w-]{100,}$/],
  // What watches others.
  ['glsa_', /^glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}$/],
  ['glc_eyJ', /^glc_eyJ[A-Za-z0-9+/=]{40,}$/],
  ['eyJrIjoi', /^eyJrIjoi[A-Za-z0-9+/=]{40,}$/],
  ['NRAK-', /^NRAK-[A-Z0-9]{27}$/],
  ['sntrys_eyJ', /^sntrys_eyJ[\w+/=-]{40,}$/],
  ['sntryu_', /^sntryu_[0-9a-f]{64}$/],
  ['AGE-SECRET-KEY-', /^AGE-SECRET-KEY-1[A-Z0-9]{58}$/],
  // JSON Web Tokens: {" in Base64, twice.
  ['eyJ', /^eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*$/],
];

/** By their first two characters, so that a word is not compared with all of them. */
const BY_START = new Map<string, (readonly [prefix: string, whole: RegExp])[]>();
for (const token of TOKENS) {
  const start = token[0].slice(0, 2);
  BY_START.set(start, [...(BY_START.get(start) ?? []), token]);
}

/** Whether a token of the table may begin with these two characters; other tokens begin with digits, M, N, O, or as those. */
const STARTS = new Uint8Array(0x80_00);
for (const pair of BY_START.keys()) STARTS[pair.charCodeAt(0) * 128 + pair.charCodeAt(1)] = 1;

/** Is it worth it to look at the word from here to `end`? */
export function mayBeginToken(text: string, at: number, end: number): boolean {
  const code = text.charCodeAt(at);
  if (STARTS[code * 128 + text.charCodeAt(at + 1)] === 1) return true;
  // Those that do not begin as the table says are of few lengths, and begin with these.
  const length = end - at;
  return length >= 36 && length < 100 && (isHexDigit(code) || (code >= 77 && code <= 79));
}

/** 0 to 9 and a to f. */
function isHexDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
}

/** Those that say whose they are elsewhere: mailchimp's by its data centre, Terraform's in the middle. */
const INNER = /^[0-9a-f]{32}-us\d{1,2}$|^[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}$|^atlasv1\.[\w-]{60,}$/;
/** Discord's bots: an id in Base64, a time, and the rest. */
const DISCORD = /^[MNO][A-Za-z\d]{23,27}\.[\w-]{6}\.[\w-]{27,40}$/;

/** Is the word a token of some vendor? */
export function isVendorToken(word: string): boolean {
  const candidates = BY_START.get(word.slice(0, 2));
  if (candidates?.some(([prefix, whole]) => word.startsWith(prefix) && whole.test(word)))
    return isRandom(word);
  // Most words are no token at the first look.
  const dot = word.indexOf('.');
  if (dot === -1 ? word.includes('-us', 32) : dot < 32)
    return (INNER.test(word) || DISCORD.test(word)) && isRandom(word);
  return false;
}

const MIXED = /\d|[a-z][A-Z]|[A-Z]{12}/;
const PLACEHOLDER = /x{8}|X{8}|\*{4}|\.{3}|(.)\1{9}/;

/** Somebody's random characters, and not `sk-this-is-a-placeholder`. */
function isRandom(word: string): boolean {
  return MIXED.test(word) && !PLACEHOLDER.test(word);
}
