import type { ServiceDefinition } from '@baton/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { InferenceConfig } from './config.js';

export const inferenceService: ServiceDefinition<InferenceConfig> = {
  name: 'inference',
  config: InferenceConfig,
  module: (config) => AppModule.forConfig(config),
  bodyLimit: (config) => config.maxBodyBytes,
  prepare: (app) => {
    speakProtocol(app);
    return Promise.resolve();
  },
};

/** CSV bodies are text; errors below /v2 have the `error` that clients of the Open Inference Protocol read. */
function speakProtocol(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  fastify.addHook('preSerialization', (request, _reply, payload, done) => {
    const isProblem = typeof payload === 'object' && payload !== null && 'detail' in payload && 'code' in payload;
    done(null, isProblem && request.url.startsWith('/v2') ? { error: payload.detail, ...payload } : payload);
  });
}
