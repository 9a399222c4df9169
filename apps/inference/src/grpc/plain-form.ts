import type { IncomingHttpHeaders } from 'node:http2';
import { readTimeout } from './call-timeout.js';

const SERVICE = '/inference.GRPCInferenceService/';
const TYPES: readonly (string | undefined)[] = ['application/grpc', 'application/grpc+proto'];

/** Which method a call is of, if it is of inference and has nothing that few clients use, such as compression. */
export function plainMethodOf(headers: IncomingHttpHeaders): 'ModelInfer' | 'ModelStreamInfer' | undefined {
  const { 'grpc-encoding': encoding = 'identity', 'grpc-timeout': timeout } = headers;
  const isPlain =
    headers[':method'] === 'POST' &&
    TYPES.includes(headers['content-type']) &&
    encoding === 'identity' &&
    (timeout === undefined || readTimeout(String(timeout)) !== undefined);
  if (!isPlain) return undefined;
  if (headers[':path'] === `${SERVICE}ModelInfer`) return 'ModelInfer';
  return headers[':path'] === `${SERVICE}ModelStreamInfer` ? 'ModelStreamInfer' : undefined;
}
