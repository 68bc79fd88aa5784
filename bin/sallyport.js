#!/usr/bin/env node
// The syntax of this file is older than every Node that may meet it, so that an old one reads the message below
// instead of failing on a comma. What it starts, dist/cli/main.js, is compiled from src/cli/main.ts.

var supported = [
  [22, 19],
  [24, 11],
  [26, 0],
];

/** Is this version in `engines` of package.json: ^22.19.0 || ^24.11.0 || >=26.0.0? */
function isSupported(version) {
  var parts = version.split('.');
  var major = Number(parts[0]);
  var minor = Number(parts[1]);
  if (major > 26) return true;
  return supported.some(function (floor) {
    return major === floor[0] && minor >= floor[1];
  });
}

function refuse(lines) {
  process.stderr.write(lines.join('\n') + '\n');
  process.exit(1);
}

if (!isSupported(process.versions.node)) {
  refuse([
    'sallyport needs Node.js 24 (22.19 and later and 26 will do); this is ' + process.version + '.',
    '',
    '  with a version manager:  nvm install 24   or   fnm install 24   or   mise use -g node@24',
    '  without one:             https://nodejs.org/en/download',
    '',
    'In a checkout of the repository, `npm ci && npm start` bring their own Node.',
  ]);
}

// Node 22 says at every start that its SQLite is new. It is as it is tested here, and nobody can do anything about it.
var emitWarning = process.emitWarning.bind(process);
process.emitWarning = function (warning, type) {
  if (type === 'ExperimentalWarning' && /SQLite/.test(String(warning))) return;
  emitWarning.apply(null, arguments);
};

/**
 * Where compiled code is kept, undefined where there is no such place. It runs as it lies there, so it has to be in a
 * folder of this user's own: /tmp, which Node would take, is everybody's, and sudo may bring somebody else's HOME.
 */
function cacheFolder() {
  var os = process.getBuiltinModule('node:os');
  var path = process.getBuiltinModule('node:path');
  // There it is each user's own.
  if (process.platform === 'win32') return path.join(os.tmpdir(), 'sallyport');
  try {
    var home = os.homedir();
    if (process.getBuiltinModule('node:fs').statSync(home).uid !== process.getuid()) return undefined;
    return path.join(home, '.cache', 'sallyport');
  } catch {
    return undefined;
  }
}

/** What makes commands fast that load much and run long. */
function prepare() {
  // A call goes through many small functions, of which V8 inlines fewer than it could: 5 to 10 % of the time of a call, more
  // with a guard. Set before anything is compiled, since compiled code is kept for these settings only.
  process.getBuiltinModule('node:v8').setFlagsFromString('--max-inlined-bytecode-size-cumulative=5000');

  // Keeps the compiled code of every module on disk: the second start costs half of the first.
  var folder = cacheFolder();
  if (folder !== undefined) process.getBuiltinModule('node:module').enableCompileCache(folder);
}

// Scripts ask for the version often, and preparing takes longer than the answer: what Node itself has kept compiled is for
// other settings.
var asksVersion = process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V');
if (!asksVersion) prepare();

import('../dist/cli/main.js').then(
  function (main) {
    return main.run(process.argv.slice(2));
  },
  function (error) {
    var main = new URL('../dist/cli/main.js', import.meta.url).href;
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || error.url !== main) throw error;
    refuse(['sallyport is not built yet: run `npm ci && npm run build` in its folder first.']);
  },
);
