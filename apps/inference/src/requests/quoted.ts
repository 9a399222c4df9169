const MAX = 60;
const MAX_ITEMS = 8;

/** A value as the message of an error shows it: short, and whatever came, however deep. */
export function quote(value: unknown): string {
  if (!Array.isArray(value)) return quoteOne(value);
  const items = value.slice(0, MAX_ITEMS).map(quoteOne).join(', ');
  return `[${items}${value.length > MAX_ITEMS ? ', …' : ''}]`;
}

function quoteOne(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX).toWellFormed());
  if (typeof value !== 'object' || value === null) return String(value).slice(0, MAX);
  return Array.isArray(value) ? '[…]' : '{…}';
}
