// Tools, prompts, resources and templates of the child, in pages, and what belongs to them.

const numbered = (count, item) => Array.from({ length: count }, (_unused, index) => item(`item_${index}`));

/**
 * @param {{ count: number, pageSize: number, tools: () => object[] }} options
 * @returns {Map<string, (params: any) => object>} method to handler
 */
export function listsOf({ count, pageSize, tools }) {
  const extraTools = numbered(count, (name) => ({ name, inputSchema: { type: 'object' } }));
  const prompts = [
    { name: 'greeting', arguments: [{ name: 'who', required: true }] },
    ...numbered(count, (name) => ({ name })),
  ];
  const resources = [
    { uri: 'child://note', name: 'note', mimeType: 'text/plain' },
    ...numbered(count, (name) => ({ uri: `child://${name}`, name })),
  ];
  const resourceTemplates = [
    { uriTemplate: 'child://notes/{id}', name: 'notes' },
    ...numbered(count, (name) => ({ uriTemplate: `child://${name}/{id}`, name })),
  ];

  const paged = (key, items) => {
    return ({ cursor }) => {
      const start = cursor === undefined ? 0 : Number(/^after-(\d+)$/.exec(cursor)?.[1] ?? Number.NaN);
      if (Number.isNaN(start)) {
        throw Object.assign(new Error(`The cursor ${cursor} is none of mine`), { code: -32602 });
      }
      const all = items();
      const next = start + pageSize;
      const page = { [key]: all.slice(start, next) };
      return next < all.length ? { ...page, nextCursor: `after-${next}` } : page;
    };
  };

  return new Map([
    ['tools/list', paged('tools', () => [...tools(), ...extraTools])],
    ['prompts/list', paged('prompts', () => prompts)],
    ['resources/list', paged('resources', () => resources)],
    ['resources/templates/list', paged('resourceTemplates', () => resourceTemplates)],
    ['prompts/get', getPrompt],
    ['resources/read', readResource],
    ['resources/subscribe', () => ({})],
    ['resources/unsubscribe', () => ({})],
    ['completion/complete', complete],
  ]);
}

function getPrompt({ name, arguments: values }) {
  if (name !== 'greeting') throw Object.assign(new Error(`Prompt ${name} not found`), { code: -32602 });
  const text = `Say hello to ${values?.who}.`;
  return { messages: [{ role: 'user', content: { type: 'text', text } }] };
}

function readResource({ uri }) {
  const id = /^child:\/\/notes\/(.+)$/.exec(uri)?.[1];
  if (uri !== 'child://note' && id === undefined) {
    throw Object.assign(new Error(`Resource ${uri} not found`), { code: -32002 });
  }
  return { contents: [{ uri, mimeType: 'text/plain', text: id === undefined ? 'A note.' : `Note ${id}.` }] };
}

function complete({ argument }) {
  const values = ['alice', 'albert', 'bob'].filter((name) => name.startsWith(argument.value));
  return { completion: { values, total: values.length, hasMore: false } };
}
