/** Postgres has no text with a NUL character in it. */
export function cannotBeStored(text: string): boolean {
  return text.includes('\0');
}
