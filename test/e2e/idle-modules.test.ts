import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { child, startGateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';
import { temporaryFolder } from '../support/processes.ts';

/** Writes the address of every module that is loaded into a file, and in the end the names of Node's own. */
const HOOK = `import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED_MODULES, process.pid + ' ' + url + '\\n');
    return next(url, context);
  },
});
process.on('exit', () => {
  const own = process.moduleLoadList.map((name) => process.pid + ' ' + name + '\\n');
  appendFileSync(process.env.LOADED_MODULES, own.join(''));
});
`;

/** What is for what most gateways do not do, and is worth a tenth of an idle one's memory each. */
const LATER = ['zod', 'yaml', 'undici', '@modelcontextprotocol', 'oidc-provider', 'jose', 're2js', 'cel-js'];

describe('a gateway with a plain configuration', () => {
  it('has loaded no library that only a configuration, a login or a guard needs', async () => {
    using folder = temporaryFolder();
    const hook = join(folder.path, 'hook.mjs');
    const file = join(folder.path, 'modules');
    writeFileSync(hook, HOOK);
    writeFileSync(file, '');
    await using gateway = await startGateway({
      config: { mcpServers: { one: child() } },
      env: {
        NODE_OPTIONS: `--import ${pathToFileURL(hook).href}`,
        LOADED_MODULES: file,
      },
    });
    expect(textOf(await callTool(gateway, 'echo', { text: 'hello' }))).toBeDefined();
    await gateway.stop();
    // The configuration is read in a process that ends with it, and has all of that.
    const own = `${gateway.pid} `;
    const loaded = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(own));
    expect(loaded.some((url) => url.endsWith('/dist/gateway.js'))).toBe(true);
    const heavy = loaded.filter((url) => LATER.some((name) => url.includes(`/node_modules/${name}/`)));
    expect(heavy).toEqual([]);
    // Node has an HTTP client of its own, which comes with a careless import of its server (src/core/node-http.ts).
    expect(loaded).toContain(`${own}NativeModule http`);
    expect(loaded).not.toContain(`${own}NativeModule internal/deps/undici/undici`);
  });
});
