import type { Metadata } from '@grpc/grpc-js';

/** Reads the metadata of a call: the first value of a name in lower case, undefined without any. */
export type CallHeader = (name: string) => string | undefined;

export function headerOfMetadata(metadata: Metadata): CallHeader {
  return (name) => metadata.get(name)[0]?.toString();
}
