import type { StatusObject } from '@grpc/grpc-js';
import type { OutgoingHttpHeaders } from 'node:http2';

/** What every answer begins with. */
export const ANSWER_HEAD = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,deflate,gzip',
};
/** How it is begun where a status follows it. */
export const WITH_TRAILERS = { waitForTrailers: true, sendDate: false };
export const OK_TRAILERS = { 'grpc-status': '0' };

/** A status as it goes over the wire ("gRPC over HTTP/2", Status and Status-Message). */
export function statusHeaders({ code, details, metadata }: Omit<StatusObject, 'metadata'> & Partial<StatusObject>) {
  const status = { 'grpc-status': String(code), 'grpc-message': encodeURI(details) };
  return { ...metadata?.toHttp2Headers(), ...status } satisfies OutgoingHttpHeaders;
}
