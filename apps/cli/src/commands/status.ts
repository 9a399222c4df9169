import { BatonClient } from '@baton/client';
import type { Command } from 'commander';
import { cliConnection } from '../config.js';
import { print, short, table } from '../output.js';

const services = ['registry', 'deployment', 'inference', 'monitoring'] as const;

/** `baton status`: is every service ready, and what does each endpoint serve. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show the services and what the endpoints serve')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const connection = cliConnection();
      const health = await Promise.all(
        services.map(async (name) => ({ name, url: connection[name], state: await stateOf(connection[name]) })),
      );
      const endpoints = (await new BatonClient(connection).deployment.endpoints({ limit: 500 })).items;
      if (health.some(({ state }) => state !== 'ready')) process.exitCode = 1;
      print({ services: health, endpoints }, options, () => {
        const routes = endpoints.flatMap((endpoint) =>
          endpoint.routes.map((route) => [
            endpoint.endpoint,
            route.model,
            route.version,
            short(route.digest),
            endpoint.replicas.filter((replica) => replica.state === 'ready').length,
          ]),
        );
        const head = ['endpoint', 'model', 'version', 'digest', 'replicas ready'];
        const healthRows = health.map(({ name, url, state }) => [name, url, state]);
        return `${table(['service', 'url', 'state'], healthRows)}\n${table(head, routes)}`;
      });
    });
}

async function stateOf(url: string): Promise<string> {
  try {
    const answer = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(3000) });
    return answer.ok ? 'ready' : `not ready: ${(await answer.text()).slice(0, 200)}`;
  } catch {
    return 'no answer';
  }
}
