import { ServiceError } from '@baton/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InferenceConfig } from '../config.js';
import { decompress } from '../requests/compression.js';
import { serverDescription } from './model-description.js';
import { isBelowV2, methodOf } from './v2-routes.js';

/**
 * What the Open Inference Protocol wants of HTTP: bodies are taken as bytes, whatever content type they come with or
 * without and however they are compressed, and an error below /v2 is `{"error": …}` alone.
 */
export function speakProtocol(app: NestFastifyApplication, config: InferenceConfig): void {
  const fastify = app.getHttpAdapter().getInstance();
  const bodyLimit = config.maxBodyBytes;
  fastify.removeAllContentTypeParsers();
  app.useBodyParser('*', { bodyLimit }, (request, body, done) => {
    decompress(body, request.headers['content-encoding'], bodyLimit).then(
      (plain) => done(null, plain),
      (error: unknown) => done(error as Error),
    );
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const method = request.is404 ? methodOf(request.url) : undefined;
    if (method === undefined) return done();
    void reply.header('allow', method);
    done(methodNotAllowed(request.method, method));
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

function methodNotAllowed(asked: string, allowed: string): ServiceError {
  return new ServiceError('method-not-allowed', `this is asked with ${allowed}, not ${asked}`, { status: 405 });
}
