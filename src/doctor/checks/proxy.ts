import { type InsideCheck, ok, skip, warn } from '../check.ts';

export const proxy: InsideCheck = {
  name: 'proxy',
  side: 'inside',
  looksAt: 'whether the gateway knows the proxy in front of it',
  needs: ['config'],
  symptoms: [
    {
      sees: 'all users share one rate limit; the access log names the proxy as every address',
      cause: 'The proxy is not among trustedProxies, so its X-Forwarded-For is not believed.',
      remedy: "trustedProxies: ['127.0.0.1']   in the config, with the address of the proxy",
    },
  ],
  async look({ config }) {
    const { publicUrl, trustedProxies = [], listen } = config?.loaded?.config ?? {};
    if (publicUrl === undefined) return skip('there is no publicUrl');
    if (listen?.tls) return ok('the gateway has TLS of its own');
    return trustedProxies.length > 0
      ? ok(trustedProxies.join(', '))
      : warn('publicUrl is set, and no proxy is trusted', "trustedProxies: ['127.0.0.1']");
  },
};
