import { readFileSync, writeFileSync } from 'node:fs';

interface CaseOf<K extends string> {
  readonly kind: K;
  /** Which part of the fuzzer made it. */
  readonly label: string;
}

/** One request that HTTP itself has nothing against: it is answered, once, on a connection that is kept. */
export interface HttpCase extends CaseOf<'http'> {
  readonly method: string;
  readonly path: string;
  readonly bytes: Buffer;
}

/** Bytes on a connection of their own, cut into pieces that are sent one by one. */
export interface RawCase extends CaseOf<'raw' | 'http2'> {
  readonly bytes: Buffer;
  readonly cuts: readonly number[];
}

/** A call over gRPC whose messages may be anything. */
export interface GrpcCase extends CaseOf<'grpc'> {
  readonly path: string;
  readonly isStream: boolean;
  readonly messages: readonly Buffer[];
  readonly metadata: Readonly<Record<string, string>>;
}

export type FuzzCase = HttpCase | RawCase | GrpcCase;

/** Something that should not be. */
export interface Finding {
  readonly what: string;
  readonly seed: number;
  readonly index: number;
  readonly case: FuzzCase;
}

export function sizeOf(fuzzCase: FuzzCase): number {
  if (fuzzCase.kind !== 'grpc') return fuzzCase.bytes.length;
  return fuzzCase.messages.reduce((sum, { length }) => sum + length, 0);
}

export function saveFindings(file: string, findings: readonly Finding[]): void {
  writeFileSync(file, JSON.stringify(findings, withBytes, 1));
}

export function loadFindings(file: string): Finding[] {
  return JSON.parse(readFileSync(file, 'utf8'), (_key, value: unknown) => {
    const { base64 } = (value ?? {}) as { base64?: string };
    return base64 === undefined ? value : Buffer.from(base64, 'base64');
  }) as Finding[];
}

/** JSON has no bytes; its writer has them as lists of numbers by then. */
function withBytes(this: unknown, key: string, value: unknown): unknown {
  const given = (this as Record<string, unknown>)[key];
  return Buffer.isBuffer(given) ? { base64: given.toString('base64') } : value;
}
