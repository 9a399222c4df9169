const VERSION = '(?:/versions/[^/]+)?';

const routes: readonly { readonly method: 'GET' | 'POST'; readonly path: RegExp }[] = [
  { method: 'GET', path: /^\/v2\/?$/ },
  { method: 'GET', path: /^\/v2\/health\/(?:live|ready)$/ },
  { method: 'GET', path: /^\/v2\/models(?:\/stats)?$/ },
  { method: 'GET', path: new RegExp(`^/v2/models/[^/]+${VERSION}(?:/(?:ready|config|stats))?$`) },
  { method: 'POST', path: new RegExp(`^/v2/models/[^/]+${VERSION}/infer$`) },
  { method: 'POST', path: /^\/v2\/repository\/index$/ },
  { method: 'POST', path: /^\/v2\/repository\/models\/[^/]+\/(?:load|unload)$/ },
];

/** The method that a path of the Open Inference Protocol is asked with; undefined for what is no path of it. */
export function methodOf(url: string): 'GET' | 'POST' | undefined {
  const path = url.split('?')[0] ?? '';
  return routes.find((route) => route.path.test(path))?.method;
}

export function isBelowV2(url: string): boolean {
  return /^\/v2(?:[/?]|$)/.test(url);
}
