import { stringify } from 'yaml';
import type { Config } from '../config/schema.ts';
import { alertRules, JOB } from './observability/alerts.ts';
import { dashboard } from './observability/dashboard.ts';
import { localAddress } from './site.ts';
import { DeployError, type Deployment, type Target } from './target.ts';

export const observability: Target = {
  name: 'observability',
  summary: 'what Prometheus scrapes and alerts of, and a dashboard for Grafana',
  build: buildObservability,
};

/** @throws {DeployError} where nothing is counted */
export function buildObservability(config: Config): Deployment {
  const { metrics, listen } = config;
  if (!metrics)
    throw new DeployError('the config counts nothing', ['add to it:   metrics: { listen: 127.0.0.1:9464 }']);
  const target = localAddress(metrics.listen ?? listen);
  const scrape = {
    scrape_configs: [{ job_name: JOB, metrics_path: '/metrics', static_configs: [{ targets: [target] }] }],
  };
  const rules = { groups: [{ name: JOB, rules: alertRules(config) }] };
  return {
    files: [
      { path: 'prometheus/scrape.yaml', text: yaml(scrape) },
      { path: 'prometheus/sallyport.rules.yaml', text: yaml(rules) },
      { path: 'grafana/sallyport.json', text: `${JSON.stringify(dashboard(config), null, 2)}\n` },
    ],
    notes: [
      `Prometheus scrapes ${target}: name it as Prometheus reaches it, and add that name to allowedHosts when it is none of this machine.`,
      'Put the rules under rule_files of Prometheus; the dashboard is imported in Grafana, which asks for the data source.',
      ...(metrics.listen
        ? []
        : [
            '/metrics is on the address of the endpoints: metrics.listen gives it one that no proxy passes on.',
          ]),
    ],
  };
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}
