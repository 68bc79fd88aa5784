import { fail, ok, type OutsideCheck } from '../check.ts';

export const metricsHidden: OutsideCheck = {
  name: 'metrics-hidden',
  side: 'outside',
  looksAt: 'that /metrics is not for everybody',
  needs: ['answers'],
  symptoms: [
    {
      sees: 'strangers read /metrics: names of servers and tools, and how often they are used',
      cause: 'The proxy passes /metrics on without an allow list, or metrics.allow is too wide.',
      remedy:
        'allow and deny in location = /metrics, as `sallyport deploy nginx` writes it; or metrics: { listen: 127.0.0.1:9464 }',
    },
  ],
  async look(site, signal) {
    const { status, text } = await site.ask(site.at(`${site.prefix}/metrics`), {}, signal);
    const isShown = status === 200 && /^# (?:HELP|TYPE) /m.test(text);
    return isShown
      ? fail(
          '/metrics answers without asking who it is',
          'metrics: { listen: 127.0.0.1:9464 }   in the config; or allow and deny in its location: sallyport deploy nginx',
        )
      : ok(`${status}`);
  },
};
