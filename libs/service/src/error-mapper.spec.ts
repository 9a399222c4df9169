import { BadRequestException, InternalServerErrorException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ErrorMapper } from './error-mapper.js';
import { problemOf } from './problem.js';
import { ServiceError } from './service-error.js';

const fastifyError = (code: string, statusCode: number) =>
  Object.assign(new Error(`said by ${code}`), { name: 'FastifyError', code, statusCode });

describe('an error on its way out', () => {
  it.each([
    ['one of ours', new ServiceError('no-such-model', 'no model "m"', { status: 404 }), 404, 'no-such-model'],
    ["Nest's", new NotFoundException('Cannot GET /x'), 404, 'not-found'],
    ["Nest's about a body", new BadRequestException('broken'), 400, 'bad-request'],
    ["Fastify's about a body that is too large", fastifyError('FST_ERR_CTP_BODY_TOO_LARGE', 413), 413, 'too-large'],
    ["a plugin's about a file that is too large", fastifyError('FST_REQ_FILE_TOO_LARGE', 413), 413, 'too-large'],
    ["Fastify's own fault", fastifyError('FST_ERR_HANDLER_TIMEOUT', 503), 500, 'internal'],
    ['one that another service answered', Object.assign(new Error('x'), { statusCode: 403 }), 500, 'internal'],
    ['a status nobody named', new ServiceError('teapot', 'short and stout', { status: 418 }), 418, 'teapot'],
    ['a bug', new TypeError('x is undefined'), 500, 'internal'],
    ['what is no error at all', 'thrown text', 500, 'internal'],
  ])('that is %s keeps what it means', (_, error, status, code) => {
    expect(new ErrorMapper().map(error)).toMatchObject({ status, code });
  });

  it.each([new TypeError('secret detail'), new InternalServerErrorException('secret detail')])(
    'does not tell what went wrong inside: %s',
    (error) => {
      const mapped = new ErrorMapper().map(error);
      expect(JSON.stringify(problemOf(mapped, '/v1/models'))).not.toContain('secret detail');
      expect(mapped.cause).toBeDefined();
      expect(mapped.retriable).toBe(false);
    },
  );

  it('means what a library says of it, and the first that knows it decides', () => {
    const mapper = new ErrorMapper();
    const away = new ServiceError('database-away', 'later', { status: 503, retriable: true, retryAfterSeconds: 2 });
    mapper.add((error) => (error instanceof RangeError ? away : undefined));
    mapper.add(() => new ServiceError('other', 'other', { status: 400 }));
    expect(mapper.map(new RangeError('x'))).toBe(away);
    expect(mapper.map(new Error('x')).code).toBe('other');
    expect(mapper.map(away)).toBe(away);
  });

  it('is a problem (RFC 9457) with its fields', () => {
    const errors = [{ field: 'size', message: 'must be positive' }];
    const error = new ServiceError('invalid-request', 'not valid', { status: 400, errors });
    expect(problemOf(error, '/v1/notes')).toEqual({
      type: 'https://baton.dev/problems/invalid-request',
      title: 'Bad Request',
      status: 400,
      detail: 'not valid',
      code: 'invalid-request',
      instance: '/v1/notes',
      errors,
    });
  });
});
