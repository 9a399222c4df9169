import { BatonClient, type WindowQuery } from '@baton/client';
import type { Command } from 'commander';
import { positive } from '../arguments.js';
import { cliConnection } from '../config.js';
import { facts, print, table } from '../output.js';

interface WindowsOptions extends WindowQuery {
  json?: boolean;
}

/** `baton prediction ID` and `baton windows ENDPOINT`. */
export function addWatching(program: Command): void {
  program
    .command('prediction')
    .description('show what answered a request: model, bytes, approval, deployment')
    .argument('<id>', 'from the answer or its Baton-Prediction-Id header')
    .option('--json')
    .action(async (id: string, options: { json?: boolean }) => {
      const found = await new BatonClient(cliConnection()).monitoring.prediction(id);
      print(found, options, () =>
        facts([
          ['prediction', found.prediction],
          ['asked by', `key ${found.caller} at ${found.receivedAt}`],
          ['endpoint', found.endpoint],
          ['answered by', `${found.model} version ${found.version}`],
          ['digest', found.digest],
          ['registered', found.registeredBy && `by ${found.registeredBy} at ${String(found.registeredAt)}`],
          ['approved', found.approvedBy && `by ${found.approvedBy} at ${String(found.approvedAt)}`],
          ['deployment', `${found.deployment}${found.deployedAt ? ` at ${found.deployedAt}` : ''}`],
          ['outcome', `${found.outcome} in ${found.latencyMs} ms`],
          ['error', found.error],
          ['inputs', found.inputs.map((tensor) => `${tensor.name} ${JSON.stringify(tensor.data)}`).join('\n  ')],
          ['outputs', found.outputs.map((tensor) => `${tensor.name} ${JSON.stringify(tensor.data)}`).join('\n  ')],
        ]),
      );
    });
  program
    .command('windows')
    .description("show an endpoint's windows: traffic, failures, latency, drift")
    .argument('<endpoint>')
    .option('--from <time>', 'ISO 8601, inclusive')
    .option('--to <time>', 'ISO 8601, exclusive')
    .option('--limit <n>', 'most windows to show', positive, 50)
    .option('--cursor <cursor>', 'where the previous page ended')
    .option('--json')
    .action(async (endpoint: string, { json, ...query }: WindowsOptions) => {
      const page = await new BatonClient(cliConnection()).monitoring.windows(endpoint, query);
      print(page, { json }, () => {
        const rows = page.items.flatMap((window) =>
          window.versions.map((version) => [
            window.start.slice(0, 16),
            window.revision,
            `${version.model} ${version.version}`,
            version.predictions,
            version.failures,
            version.latencyP50Ms?.toFixed(2),
            version.latencyP99Ms?.toFixed(2),
            version.features
              .filter((feature) => feature.drifted)
              .map((feature) => `${feature.name} ${feature.statistic?.toFixed(2) ?? ''}`)
              .join(', '),
          ]),
        );
        const head = ['window', 'rev', 'version', 'predictions', 'failures', 'p50 ms', 'p99 ms', 'drift'];
        return `${table(head, rows)}${page.nextCursor ? `\nmore: --cursor ${page.nextCursor}` : ''}`;
      });
    });
}
