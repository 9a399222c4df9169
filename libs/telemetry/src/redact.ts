const SECRET_NAME = /secret|password|passwd|authorization|cookie|credential|token|api-?key|private-?key/i;
const SECRET_VALUES: readonly [RegExp, string][] = [
  [/\b(baton_[0-9a-z]+)_[A-Za-z0-9_-]{16,}/g, '$1_***'],
  [/(\w+:\/\/[^\s:/@]+:)[^\s@]+@/g, '$1***@'],
  [/\b(Bearer|Basic) [A-Za-z0-9._~+/=-]{8,}/g, '$1 ***'],
];
const MAX_DEPTH = 6;

/** Text without access keys, passwords in addresses and bearer tokens. */
export function redactText(text: string): string {
  return SECRET_VALUES.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
}

/** A copy for the log: fields with a secret's name and values that look like one are left out. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, SECRET_NAME.test(name) ? '***' : redact(item, depth + 1)]),
  );
}

function describeError(error: Error, depth: number): unknown {
  const { name, message, stack, cause } = error;
  return {
    name,
    message: redactText(message),
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(stack ? { stack: redactText(stack) } : {}),
    ...(cause === undefined || depth >= MAX_DEPTH ? {} : { cause: redact(cause, depth + 1) }),
  };
}
