/** Of the container's own loopback. */
export const PROXY_PORT = 3128;

const address = `http://127.0.0.1:${PROXY_PORT}`;

/** What makes programs use the proxy: curl, Python and most others the first two, Node the third. */
export const PROXY_VARIABLES: Readonly<Record<string, string>> = {
  HTTPS_PROXY: address,
  https_proxy: address,
  NODE_USE_ENV_PROXY: '1',
};
