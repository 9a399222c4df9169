import type { Metadata } from '@grpc/grpc-js';
import type { IncomingHttpHeaders } from 'node:http2';

/** Reads the metadata of a call: the first value of a name in lower case, undefined without any. */
export type CallHeader = (name: string) => string | undefined;

export function headerOfMetadata(metadata: Metadata): CallHeader {
  return (name) => metadata.get(name)[0]?.toString();
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
