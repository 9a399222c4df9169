import { ErrorMapper, ServiceError } from '@baton/service';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { GrpcErrors } from './grpc-errors.js';

const errors = new GrpcErrors(new ErrorMapper());

describe('GrpcErrors', () => {
  it.each<[number, status]>([
    [400, status.INVALID_ARGUMENT],
    [401, status.UNAUTHENTICATED],
    [403, status.PERMISSION_DENIED],
    [404, status.NOT_FOUND],
    [413, status.RESOURCE_EXHAUSTED],
    [429, status.RESOURCE_EXHAUSTED],
    [501, status.UNIMPLEMENTED],
    [503, status.UNAVAILABLE],
    [504, status.DEADLINE_EXCEEDED],
  ])('says %i as status %i', (http, code) => {
    expect(errors.statusOf(new ServiceError('x', 'why', { status: http }))).toMatchObject({ code, details: 'why' });
  });

  it('says when to try again', () => {
    const busy = new ServiceError('busy', 'later', { status: 503, retryAfterSeconds: 2 });
    expect(errors.statusOf(busy).metadata.get('grpc-retry-pushback-ms')).toEqual(['2000']);
    expect(errors.statusOf(new ServiceError('x', 'y', { status: 400 })).metadata.getMap()).toEqual({});
  });

  it('tells nobody outside what went wrong inside', () => {
    const { code, details } = errors.statusOf(new Error('the password is x'));
    expect(code).toBe(status.INTERNAL);
    expect(details).not.toContain('password');
  });

  it('has messages that fit into a trailer, however long and broken', () => {
    const message = `${'x'.repeat(999)}😀${'y'.repeat(1e6)}`;
    const { details } = errors.statusOf(new ServiceError('x', message, { status: 400 }));
    expect(details).toHaveLength(1000);
    expect(() => encodeURI(details)).not.toThrow();
  });
});
