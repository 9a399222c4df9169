/** Stands where a word for what is no number stood: of no datatype, so that the input it is in gets named. */
const NO_NUMBER = '{"not a number":null}';
/** Words that other JSON writers use for what is no number, and where a text begins, in which they are only letters. */
const WORD_OR_TEXT = /"|-?\b(?:NaN|Infinity)\b/g;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** The same JSON with an object for each `NaN` and `Infinity`. */
export function withoutNotNumbers(text: string): string {
  let result = '';
  let copied = 0;
  WORD_OR_TEXT.lastIndex = 0;
  for (let found = WORD_OR_TEXT.exec(text); found; found = WORD_OR_TEXT.exec(text)) {
    if (found[0] === '"') WORD_OR_TEXT.lastIndex = endOfText(text, found.index + 1);
    else {
      result += text.slice(copied, found.index) + NO_NUMBER;
      copied = WORD_OR_TEXT.lastIndex;
    }
  }
  return result + text.slice(copied);
}

/** By hand: an expression for it runs out of stack at some megabytes, or takes forever for what never ends. */
function endOfText(text: string, begin: number): number {
  let at = begin;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}
