import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InferenceConfig } from '../config.js';
import { unsupportedEncoding } from '../requests/requests.errors.js';
import { serverDescription } from './model-description.js';

/**
 * What the Open Inference Protocol wants of HTTP: bodies are taken as bytes, whatever content type they come with or
 * without, and an error below /v2 is `{"error": …}` alone.
 */
export function speakProtocol(app: NestFastifyApplication, config: InferenceConfig): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  app.useBodyParser('*', { bodyLimit: config.maxBodyBytes }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding.toLowerCase() === 'identity') done();
    else done(unsupportedEncoding(encoding));
  });
  fastify.addHook('preSerialization', (request, reply, payload, done) => {
    const isProblem = String(reply.getHeader('content-type')).startsWith('application/problem+json');
    if (!isProblem || !isBelowV2(request.url)) return done(null, payload);
    void reply.type('application/json; charset=utf-8');
    return done(null, { error: (payload as { detail?: unknown }).detail });
  });
  // The specification writes it both ways.
  fastify.get('/v2/', () => serverDescription);
  // Whoever sends a request a byte at a time holds a connection, not more.
  app.getHttpServer().requestTimeout = config.requestTimeoutMs;
}

function isBelowV2(url: string): boolean {
  return /^\/v2(?:[/?]|$)/.test(url);
}
