import { block, word } from './text.ts';

/** How requests find one of several gateways. */
export interface Instances {
  /** For the `http` level. */
  readonly lines: readonly string[];
  /** What `proxy_pass` names. */
  readonly upstream: string;
  /** For the `server` level, where sessions have to find their way back. */
  readonly session: readonly string[];
}

/** Connections that nginx keeps open to a gateway, for each of its processes. */
const KEPT = 64;

/**
 * One gateway is one upstream. Of several, each is one as well, with the others behind it for when it is down, and each
 * caller has a gateway of his own: a session, a question that waits for its answer and a task are in the memory of the
 * gateway that began them.
 *
 * A caller is known by his token, and who has none by his address. But tokens are renewed during a session; so the id of
 * a session gets the number of its gateway in front when it goes out, and that decides when it comes back.
 *
 * @param idleMs after this time a gateway closes a connection; nginx has to be faster, or a request meets a closed one
 */
export function instances(addresses: readonly string[], idleMs: number): Instances {
  const idle = Math.max(1, Math.floor(idleMs / 1000) - 5);
  const keep = [`keepalive ${KEPT};`, `keepalive_timeout ${idle}s;`];
  const [only, second] = addresses;
  if (only === undefined || second === undefined)
    return {
      lines: block('upstream sallyport', [`server ${word(only ?? '')} max_fails=0;`, ...keep]),
      upstream: 'http://sallyport',
      session: [],
    };
  const numbered = addresses.map((address, index) => ({ address, number: index + 1 }));
  const upstreams = numbered.flatMap(({ address, number }) => {
    const others = numbered.filter((other) => other.number !== number);
    const spare = others.map((other) => `server ${word(other.address)} backup;`);
    return [
      ...block(`upstream sallyport_${number}`, [
        `server ${word(address)} max_fails=1 fail_timeout=5s;`,
        ...spare,
        ...keep,
      ]),
      '',
    ];
  });
  const share = (100 / numbered.length).toFixed(2);
  const shares = numbered.map(({ number }) => `${number === numbered.length ? '*' : `${share}%`} ${number};`);
  return {
    lines: [
      ...upstreams,
      '# Who calls: by the token, else by the address.',
      ...block('map $http_authorization $sallyport_caller', [
        '"" $remote_addr;',
        'default $http_authorization;',
      ]),
      ...block('split_clients $sallyport_caller $sallyport_own', shares),
      '',
      '# A session stays where it began: its id has the number of its gateway in front.',
      ...block('map $http_mcp_session_id $sallyport_instance', [
        `"~^(?<sallyport_number>[1-${numbered.length}])-" $sallyport_number;`,
        'default $sallyport_own;',
      ]),
      ...block('map $http_mcp_session_id $sallyport_session_in', [
        `"~^[1-${numbered.length}]-(?<sallyport_id>.*)$" $sallyport_id;`,
        'default $http_mcp_session_id;',
      ]),
      ...block('map $upstream_http_mcp_session_id $sallyport_session_out', [
        '"" "";',
        'default $sallyport_instance-$upstream_http_mcp_session_id;',
      ]),
    ],
    upstream: 'http://sallyport_$sallyport_instance',
    session: [
      'proxy_set_header Mcp-Session-Id $sallyport_session_in;',
      'proxy_hide_header Mcp-Session-Id;',
      'add_header Mcp-Session-Id $sallyport_session_out always;',
    ],
  };
}
