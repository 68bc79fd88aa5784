// The echo child in Node, for machines without a C compiler. The same answers as echo-child.c, slower.
let tail = '';

function resultOf({ method, params }) {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'echo-node', version: '1' },
      };
    case 'ping':
      return {};
    case 'tools/list':
      return {
        tools: [
          {
            name: 'echo',
            description: 'echo',
            inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
          },
          {
            name: 'blob',
            description: 'blob',
            inputSchema: { type: 'object', properties: { size: { type: 'number' } } },
          },
        ],
      };
    case 'tools/call': {
      const text = params.name === 'blob' ? 'x'.repeat(params.arguments.size) : (params.arguments.text ?? '');
      return { content: [{ type: 'text', text }] };
    }
    default:
      return undefined;
  }
}

function answerTo(line) {
  const message = JSON.parse(line);
  if (message.id === undefined) return '';
  const result = resultOf(message);
  const outcome = result ? { result } : { error: { code: -32601, message: 'Method not found' } };
  return `${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...outcome })}\n`;
}

process.stdin.setEncoding('utf8');
process.stdin.on('data', (text) => {
  const lines = (tail + text).split('\n');
  tail = lines.pop() ?? '';
  const out = lines.map(answerTo).join('');
  if (out) process.stdout.write(out);
});
