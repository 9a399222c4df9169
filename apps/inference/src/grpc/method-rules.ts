import type { Permission } from '@baton/access';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';

/** Who may call what: every method has its line, on either service that has it. */
export const methodRules = {
  ServerLive: 'public',
  ServerReady: 'public',
  ServerMetadata: 'public',
  ModelReady: 'predictions:write',
  ModelMetadata: 'predictions:write',
  ModelConfig: 'predictions:write',
  ModelStatistics: 'predictions:write',
  ModelInfer: 'predictions:write',
  ModelStreamInfer: 'predictions:write',
  RepositoryIndex: 'predictions:write',
  RepositoryModelLoad: 'predictions:write',
  RepositoryModelUnload: 'deployments:write',
} as const satisfies Record<string, Permission | 'public'>;

export type MethodName = keyof typeof methodRules;
export type GuardedName = { [M in MethodName]: (typeof methodRules)[M] extends 'public' ? never : M }[MethodName];
export type PublicName = Exclude<MethodName, GuardedName>;

/** Thrown at the start for a method that nobody thought of guarding, or of answering. */
export class UndeclaredMethodError extends Error {
  override readonly name = 'UndeclaredMethodError';

  constructor(readonly methods: readonly string[]) {
    super(`each of these needs a rule and a handler: ${methods.join(', ')}`);
  }
}

/** The handlers of a service's methods. @throws UndeclaredMethodError */
export function implementationOf(
  service: ServiceDefinition,
  handlers: UntypedServiceImplementation,
): UntypedServiceImplementation {
  const missing = Object.entries(service).filter(([name]) => !(name in methodRules) || !handlers[name]);
  if (missing.length > 0) throw new UndeclaredMethodError(missing.map(([, { path }]) => path));
  return Object.fromEntries(Object.keys(service).flatMap((name) => (handlers[name] ? [[name, handlers[name]]] : [])));
}
