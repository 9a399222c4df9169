import type { EndpointPolicy } from '@baton/contracts';
import { isDeepStrictEqual } from 'node:util';

export const defaultPolicy: Readonly<EndpointPolicy> = {
  record: 'write',
  eventTime: false,
  window: '3600',
  latenessSeconds: 300,
  logging: 'full',
  features: {},
};

/** The policy with the named parts replaced: absent = keep. `features` and `dataClasses` are one part each. */
export function changedPolicy(policy: EndpointPolicy, change: Partial<EndpointPolicy> = {}): EndpointPolicy {
  const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return { ...policy, ...named };
}

export function isSamePolicy(a: EndpointPolicy, b: EndpointPolicy): boolean {
  return isDeepStrictEqual(a, b);
}
