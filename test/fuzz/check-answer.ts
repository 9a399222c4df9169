import { gunzipSync, inflateSync } from 'node:zlib';
import type { HttpAnswer } from './wires/answer-reader.js';

/** Statuses above 499 that the service declares: it does not offer that, has too much to do, or it took too long. */
const DECLARED = [501, 503, 504];
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, INT8: 1, UINT8: 1, INT16: 2, UINT16: 2, FP16: 2, INT32: 4, UINT32: 4, FP32: 4 },
  ...{ INT64: 8, UINT64: 8, FP64: 8 },
};

interface Output {
  readonly name?: unknown;
  readonly datatype?: unknown;
  readonly shape?: unknown;
  readonly data?: unknown;
  readonly parameters?: { readonly binary_data_size?: unknown };
}

/**
 * What is wrong with an answer; undefined for nothing.
 * @param path of the request, where it is known
 */
export function checkAnswer(answer: HttpAnswer, path?: string): string | undefined {
  const { status, headers } = answer;
  if (status >= 500 && !DECLARED.includes(status)) return `status ${status}: ${textOf(answer.body)}`;
  const type = headers.get('content-type') ?? '';
  try {
    const body = unpacked(answer);
    if (type.startsWith('application/octet-stream'))
      return checkBinary(body, headers.get('inference-header-content-length'));
    if (!/^application\/(problem\+)?json/.test(type)) {
      return body.length === 0 || path === undefined || path === '/metrics' ? undefined : `content-type "${type}"`;
    }
    const json: unknown = JSON.parse(body.toString());
    if (path === undefined) return undefined;
    if (status >= 400) return checkError(json, status, isProtocol(path));
    return path.includes('/infer') && isProtocol(path) ? checkOutputs(json as { outputs?: unknown }) : undefined;
  } catch (error) {
    return `status ${status}, ${type}: ${String(error)}: ${textOf(answer.body)}`;
  }
}

function isProtocol(path: string): boolean {
  return /^\/v2(?:[/?]|$)/.test(path);
}

function unpacked({ headers, body }: HttpAnswer): Buffer {
  const encoding = headers.get('content-encoding');
  if (encoding === undefined) return body;
  return encoding === 'gzip' ? gunzipSync(body) : inflateSync(body);
}

/** `{"error": …}` alone below /v2, elsewhere a problem (RFC 9457). */
function checkError(json: unknown, status: number, isOip: boolean): string | undefined {
  const body = json as Record<string, unknown>;
  const told = isOip ? body['error'] : body['detail'];
  const isAlone = !isOip || Object.keys(body).length === 1;
  const isSame = isOip || (body['status'] === status && typeof body['code'] === 'string');
  if (typeof told === 'string' && told !== '' && isAlone && isSame) return undefined;
  return `status ${status} with another body of an error: ${JSON.stringify(json).slice(0, 300)}`;
}

function checkOutputs({ outputs }: { outputs?: unknown }): string | undefined {
  if (!Array.isArray(outputs)) return 'an answer without outputs';
  for (const { name, datatype, shape, data } of outputs as Output[]) {
    const isNamed = typeof name === 'string' && typeof datatype === 'string';
    if (!isNamed || !Array.isArray(data) || countOf(shape) !== data.length)
      return `an output that is not one: ${String(name)}`;
  }
  return undefined;
}

function checkBinary(body: Buffer, headerLength: string | undefined): string | undefined {
  if (headerLength === undefined || !/^\d+$/.test(headerLength))
    return `inference-header-content-length ${headerLength}`;
  const json = JSON.parse(body.toString('utf8', 0, Number(headerLength))) as { outputs: Output[] };
  let left = body.length - Number(headerLength);
  for (const { name, datatype, shape, data, parameters } of json.outputs) {
    const size = parameters?.binary_data_size;
    if (size === undefined) {
      if (!Array.isArray(data) || countOf(shape) !== data.length) return `an output that is not one: ${String(name)}`;
      continue;
    }
    const element = ELEMENT_BYTES[String(datatype)];
    if (typeof size !== 'number') return `binary_data_size ${JSON.stringify(size)}`;
    if (element !== undefined && size !== element * countOf(shape)) return `${String(name)} has ${size} bytes`;
    left -= size;
  }
  return left === 0 ? undefined : `${left} bytes more than its outputs say`;
}

function countOf(shape: unknown): number {
  return Array.isArray(shape) ? (shape as number[]).reduce((product, size) => product * size, 1) : -1;
}

function textOf(body: Buffer): string {
  return body.toString('utf8', 0, 300);
}
