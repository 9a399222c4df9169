import { redactText } from './redact.js';
import type { ProtoWriter } from './proto-writer.js';

export type AttributeValue = string | number | boolean;
export type SpanAttributes = Readonly<Record<string, AttributeValue>>;

/** Field numbers of opentelemetry-proto: common/v1 and trace/v1. */
export const KEY_VALUE = { key: 1, value: 2 };
export const ANY_VALUE = { string: 1, bool: 2, int: 3, double: 4 };
export const STATUS = { message: 2, code: 3 };
const STATUS_ERROR = 2;

const MAX_TEXT = 1024;
const MAX_KNOWN_REASONS = 256;
/** Reasons repeat, and looking for secrets in them costs more than all the rest. */
const knownReasons = new Map<string, string>();

/** A KeyValue; text is cut after 1,024 characters. */
export function writeAttribute(writer: ProtoWriter, field: number, key: string, value: AttributeValue): void {
  const pair = writer.open(field);
  writer.text(KEY_VALUE.key, key);
  const any = writer.open(KEY_VALUE.value);
  if (typeof value === 'string') writer.text(ANY_VALUE.string, cut(value));
  else if (typeof value === 'boolean') writer.integer(ANY_VALUE.bool, Number(value));
  else if (Number.isSafeInteger(value)) writer.integer(ANY_VALUE.int, value);
  else writer.double(ANY_VALUE.double, value);
  writer.close(any);
  writer.close(pair);
}

export function writeFailure(writer: ProtoWriter, field: number, reason: string): void {
  const status = writer.open(field);
  writer.text(STATUS.message, told(reason));
  writer.integer(STATUS.code, STATUS_ERROR);
  writer.close(status);
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}

function told(reason: string): string {
  const known = knownReasons.get(reason);
  if (known !== undefined) return known;
  const text = cut(redactText(reason));
  if (knownReasons.size < MAX_KNOWN_REASONS && reason.length <= MAX_TEXT) knownReasons.set(reason, text);
  return text;
}
