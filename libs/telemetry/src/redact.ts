const SECRET_NAME =
  /secret|passw(or)?d|passphrase|authorization|cookie|credential|token|(api|access|private|signing)[-_]?key(_?pem)?$/i;
const SECRET_VALUES: readonly [RegExp, string][] = [
  [/(baton_[0-9a-z]{8,32})_[A-Za-z0-9_-]+/g, '$1_***'],
  [/(\bhttps?:\/\/[^\s:/@]*:)[^\s/]*@/gi, '$1***@'],
  // A password pasted as it is may hold a slash; paths with an @ are rare outside of http.
  [/(\b(?!http)[a-z][a-z0-9+]*:\/\/[^\s:/@]*:)\S*@/gi, '$1***@'],
  [/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{8,}/gi, '$1 ***'],
  [/\b(password|passwd|secret|token|api_key)=[^\s&]+/gi, '$1=***'],
  [/-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?(-----END \1PRIVATE KEY-----|$)/g, '(private key)'],
];
const MAX_DEPTH = 6;
const MAX_TEXT = 16_384;
const MAX_ITEMS = 100;

/** Text without access keys, passwords in addresses, bearer tokens and private keys; very long text is cut. */
export function redactText(text: string): string {
  const shown = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
  return SECRET_VALUES.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), shown);
}

/** A copy for the log: fields with a secret's name and values that look like one are left out. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  return depth >= MAX_DEPTH ? '…' : redactObject(value, depth);
}

function redactObject(value: object, depth: number): unknown {
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`;
  if (value instanceof Map) return redact(Object.fromEntries(value), depth);
  if (Array.isArray(value) || value instanceof Set) return redactItems([...(value as Iterable<unknown>)], depth);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, SECRET_NAME.test(name) ? '***' : redact(item, depth + 1)]),
  );
}

function redactItems(items: readonly unknown[], depth: number): unknown[] {
  const shown = items.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1));
  return items.length > MAX_ITEMS ? [...shown, `… (${items.length} items)`] : shown;
}

/** What tells the fault; other properties may hold what somebody entered (a statement's parameters, a body). */
function describeError(error: Error, depth: number): unknown {
  const { name, message, stack, cause } = error;
  const errors: unknown = error instanceof AggregateError ? error.errors : undefined;
  return {
    name,
    message: redactText(message),
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(stack ? { stack: redactText(stack) } : {}),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
    ...(errors === undefined ? {} : { errors: redact(errors, depth + 1) }),
  };
}
