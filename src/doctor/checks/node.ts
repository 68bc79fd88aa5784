import { fail, type InsideCheck, ok } from '../check.ts';

/** What package.json asks for. */
const OLDEST = 24;

export const node: InsideCheck = {
  name: 'node',
  side: 'inside',
  looksAt: 'the version of Node.js',
  symptoms: [
    {
      sees: 'sallyport ends at once with a SyntaxError, or names a module of Node that is not there',
      cause: 'Node.js is older than 24.',
      remedy: 'install Node.js 24 or later',
    },
  ],
  async look() {
    const { node: version } = process.versions;
    return Number.parseInt(version, 10) >= OLDEST
      ? ok(`Node.js ${version}`)
      : fail(`Node.js ${version} is older than ${OLDEST}`, `install Node.js ${OLDEST} or later`);
  },
};
