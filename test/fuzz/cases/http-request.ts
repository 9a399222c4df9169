import type { HttpCase } from '../fuzz-case.js';

/** A request over HTTP, before it is bytes. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** The bytes of a request, with the headers that it cannot be without. */
export function renderRequest({ method, path, headers, body }: HttpRequest): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: localhost'];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (body.length > 0 || method === 'POST') lines.push(`content-length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

export function httpCase(label: string, request: HttpRequest): HttpCase {
  const { method, path } = request;
  return { kind: 'http', label, method, path, bytes: renderRequest(request) };
}
