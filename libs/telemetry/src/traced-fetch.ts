import { withSpan } from './spans.js';

const SERVER_FAULT = 500;

/**
 * `fetch` under a client span, with the trace in the request's headers (Node's own is not instrumented). A fault of
 * the server marks the span as failed; a 404 may be just what the caller wants to know.
 */
export async function tracedFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const target = new URL(url);
  const method = init.method ?? 'GET';
  const attributes = {
    'http.request.method': method,
    'url.full': `${target.origin}${target.pathname}`,
    'server.address': target.hostname,
    'server.port': Number(target.port) || (target.protocol === 'https:' ? 443 : 80),
  };
  return withSpan(method, { kind: 'client', attributes }, async (span) => {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(span.headers())) if (value) headers.set(name, String(value));
    const response = await fetch(target, { ...init, headers });
    span.set({ 'http.response.status_code': response.status });
    if (response.status >= SERVER_FAULT) span.fail(`the answer was ${response.status}`);
    return response;
  });
}
