import type { ServerUnaryCall, sendUnaryData, StatusObject } from '@grpc/grpc-js';
import type { TimedCall } from './call-deadline.js';
import { headerOfMetadata, type CallHeader } from './call-header.js';

/** What a method of one message and one answer may have and send, in bytes. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** A call of `ModelInfer`, however it came. It hears of its outcome once. */
export interface InferCall extends TimedCall {
  readonly header: CallHeader;
  /** What it came on, where calls of the same caller follow each other. */
  readonly connection?: object | undefined;
  /** @param message `inference.ModelInferResponse` */
  answer(message: Buffer): void;
  fail(status: StatusObject): void;
}

/** A call that gRPC's library has read. */
export function inferCallOf(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): InferCall {
  return {
    header: headerOfMetadata(call.metadata),
    isCancelled: () => call.cancelled,
    getDeadline: () => call.getDeadline(),
    answer: (message) => done(null, message),
    fail: (status) => done(status),
  };
}
