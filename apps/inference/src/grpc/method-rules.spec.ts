import type { ServiceDefinition } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { implementationOf, methodRules } from './method-rules.js';

const method = (name: string) => ({ path: `/s/${name}` });
const service = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, method(name)])) as unknown as ServiceDefinition;
const handle = () => undefined;

describe('implementationOf', () => {
  it('has the handlers of the service, and no others', () => {
    const handlers = { ServerLive: handle, ModelInfer: handle };
    expect(Object.keys(implementationOf(service('ServerLive'), handlers))).toEqual(['ServerLive']);
  });

  it('refuses a method that nobody may call or that nobody answers', () => {
    expect(() => implementationOf(service('Surprise'), { Surprise: handle })).toThrow('/s/Surprise');
    expect(() => implementationOf(service('ModelInfer', 'ServerLive'), { ServerLive: handle })).toThrow(
      '/s/ModelInfer',
    );
  });
});

describe('methodRules', () => {
  it('let everybody see only whether the server is there', () => {
    const open = Object.entries(methodRules).filter(([, rule]) => rule === 'public');
    expect(open.map(([name]) => name)).toEqual(['ServerLive', 'ServerReady', 'ServerMetadata']);
  });
});
