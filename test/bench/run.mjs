// `npm run bench`. Plain JavaScript, so that an older Node gets a sentence instead of a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `The benchmark needs Node 22.19 or newer, this is ${process.version}. Run it with: npm run bench`,
  );
  process.exit(1);
}
const { bench } = await import('./bench.ts');
process.exitCode = await bench(process.argv.slice(2));
