import { histogram, nameActiveSpan } from '@baton/telemetry';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Counts and times requests by route, and names their spans after it. */
export function watchRequests(app: NestFastifyApplication): void {
  const seconds = histogram('http_request_duration_seconds', 'Time from a request to its answer', {
    labels: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
  });
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url;
    if (route) nameActiveSpan(`${request.method} ${route}`, { 'http.route': route });
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    seconds.labels(request.method, route, String(reply.statusCode)).observe(reply.elapsedTime / 1000);
    done();
  });
}
