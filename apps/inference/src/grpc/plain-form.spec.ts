import { describe, expect, it } from 'vitest';
import { plainMethodOf } from './plain-form.js';

const usual = {
  ...{ ':path': '/inference.GRPCInferenceService/ModelInfer', ':method': 'POST' },
  'content-type': 'application/grpc',
};

describe('a call is plain', () => {
  it.each<[string, Record<string, string>]>([
    ['as clients send it', {}],
    ['with the messages named', { 'content-type': 'application/grpc+proto' }],
    ['with an encoding that is none', { 'grpc-encoding': 'identity' }],
    ['with a time-out', { 'grpc-timeout': '5S' }],
  ])('%s', (_, headers) => {
    expect(plainMethodOf({ ...usual, ...headers })).toBe('ModelInfer');
  });

  it('that streams', () => {
    const path = '/inference.GRPCInferenceService/ModelStreamInfer';
    expect(plainMethodOf({ ...usual, ':path': path })).toBe('ModelStreamInfer');
  });

  it.each<[string, Record<string, string>]>([
    ['of another method', { ':path': '/inference.GRPCInferenceService/ServerLive' }],
    ['with another verb', { ':method': 'GET' }],
    ['with compression', { 'grpc-encoding': 'gzip' }],
    ['of another type', { 'content-type': 'application/grpc+json' }],
    ['with a time-out that is none', { 'grpc-timeout': 'soon' }],
  ])('but not %s', (_, headers) => {
    expect(plainMethodOf({ ...usual, ...headers })).toBeUndefined();
  });
});
