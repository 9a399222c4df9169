/** W3C Trace Context level 1, §3.2: `00-<trace id>-<span id>-<flags>`; later versions may say more behind a dash. */
const LENGTH = 55;
const TRACE_AT = 3;
const SPAN_AT = 36;
const FLAGS_AT = 53;
const SAMPLED = 1;
const DASH = 45;
const NO_DIGIT = 16;

/** By character code: the value of a lower-case hex digit. */
const digits = new Uint8Array(256).fill(NO_DIGIT);
'0123456789abcdef'.split('').forEach((digit, value) => (digits[digit.charCodeAt(0)] = value));

/** By hand, since a regular expression for it costs more than the span it leads to. */
export function isTraceparent(text: string): boolean {
  if (text.length < LENGTH || !(isDash(text, 2) && isDash(text, 35) && isDash(text, 52))) return false;
  const isLater = digit(text, 0) + digit(text, 1) > 0;
  if (isLater ? text.startsWith('ff') || (text.length > LENGTH && !isDash(text, LENGTH)) : text.length > LENGTH) {
    return false;
  }
  const isHex = allDigits(text, 0, 2) && allDigits(text, FLAGS_AT, FLAGS_AT + 2);
  return isHex && isId(text, TRACE_AT, TRACE_AT + 32) && isId(text, SPAN_AT, SPAN_AT + 16);
}

/** Whether the caller keeps its trace; of a valid header. */
export function isSampledBy(traceparent: string): boolean {
  return (digit(traceparent, FLAGS_AT + 1) & SAMPLED) === SAMPLED;
}

export function traceIdOf(traceparent: string): string {
  return traceparent.slice(TRACE_AT, TRACE_AT + 32);
}

/** One of the four 32 bit words of the trace id, as a signed integer. */
export function traceWord(traceparent: string, index: number): number {
  return word(traceparent, TRACE_AT + index * 8);
}

/** One of the two 32 bit words of the caller's span id. */
export function parentWord(traceparent: string, index: number): number {
  return word(traceparent, SPAN_AT + index * 8);
}

function word(text: string, from: number): number {
  let value = 0;
  for (let at = from; at < from + 8; at++) value = (value << 4) | digit(text, at);
  return value;
}

/** Hex digits that are not all zero. */
function isId(text: string, from: number, to: number): boolean {
  let seen = 0;
  for (let at = from; at < to; at++) seen |= digit(text, at);
  return seen > 0 && seen < NO_DIGIT;
}

function allDigits(text: string, from: number, to: number): boolean {
  let seen = 0;
  for (let at = from; at < to; at++) seen |= digit(text, at);
  return seen < NO_DIGIT;
}

function digit(text: string, at: number): number {
  return digits[text.charCodeAt(at)] ?? NO_DIGIT;
}

function isDash(text: string, at: number): boolean {
  return text.charCodeAt(at) === DASH;
}
