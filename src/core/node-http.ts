/**
 * The HTTP server of Node, without what an import of it would bring along.
 *
 * `import … from 'node:http'` reads every export of that module, and to read its `WebSocket` loads a whole HTTP client,
 * which the gateway has no use for: 9 MiB of an idle one. So what runs in every gateway takes the server from here.
 */
export const { createServer } = process.getBuiltinModule('node:http');
