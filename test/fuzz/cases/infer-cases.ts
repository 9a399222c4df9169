import { authorization, inputsOf, type Corpus } from './corpus.js';
import type { HttpRequest } from './http-request.js';
import type { Dice } from '../dice.js';
import { mutateBytes } from '../mutations/mutate-bytes.js';
import { mutateJsonBytes } from '../mutations/mutate-json.js';
import { keys, texts } from '../mutations/words.js';
import { gzipSync, deflateSync } from 'node:zlib';
import { enlarge } from './enlarge.js';

/** Of requests in JSON that are made as large as is let in. */
export const LARGE_SHARE = 1 / 2000;

/** Tensors in JSON. */
export function jsonInfer(corpus: Corpus, dice: Dice): HttpRequest {
  const endpoint = corpus.endpoint(dice);
  const inputs = inputsOf(endpoint, dice);
  const question = {
    ...options(dice),
    inputs,
    ...outputs(
      endpoint.model.outputs.map(({ name }) => name),
      dice,
    ),
  };
  const body = dice.chance(LARGE_SHARE) ? enlarge(question, dice) : mutateJsonBytes(question, dice);
  return withEncodings(inferPath(endpoint.endpoint, dice), [], body, dice);
}

export function inferPath(endpoint: string, dice: Dice): string {
  const name = dice.weighted([
    [30, endpoint],
    [1, 'nope'],
    [1, encodeURIComponent(dice.pick(texts).toWellFormed())],
    [1, dice.pick(['%', '%zz', '..', '.', '%2e%2e', '%00', 'iris%2finfer', '__proto__', 'x'.repeat(2000)])],
  ]);
  const version = dice.weighted([
    [20, ''],
    [5, '/versions/1'],
    [1, `/versions/${dice.pick(['0', '-1', '1.0', '01', '%31', '9'.repeat(30), 'x', '%'])}`],
  ]);
  const query = dice.chance(0.95) ? '' : dice.pick(['?', '?a=b', '?%', '?event_time=2026-01-01T00:00:00Z', '/']);
  return `/v2/models/${name}${version}/infer${query}`;
}

/** The body as it is, or packed, and the answer too. */
export function withEncodings(
  path: string,
  more: readonly (readonly [string, string])[],
  body: Buffer,
  dice: Dice,
): HttpRequest {
  const headers = [...authorization(dice), ...more];
  if (dice.chance(0.4)) headers.push(['content-type', dice.pick(['application/json', 'text/plain', '', 'a/b;c', '*'])]);
  if (dice.chance(0.1))
    headers.push(['accept-encoding', dice.pick(['gzip', 'deflate', 'br', '*', 'gzip;q=0', 'x', ''])]);
  if (dice.chance(0.05)) headers.push(['baton-sticky-key', dice.pick(['a', '', 'x'.repeat(5000)])]);
  if (dice.chance(0.05)) headers.push(['traceparent', dice.pick(TRACES)]);
  if (dice.chance(0.9)) return { method: 'POST', path, headers, body };
  const encoding = dice.pick(['gzip', 'deflate', 'GZIP', 'identity', 'br', 'gzip, gzip', '']);
  headers.push(['content-encoding', encoding]);
  const packed = /gzip/i.test(encoding) ? gzipSync(body, { level: 1 }) : deflateSync(body, { level: 1 });
  return { method: 'POST', path, headers, body: dice.chance(0.6) ? packed : mutateBytes(packed, dice) };
}

const TRACES = ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0-0-00', 'x', '', 'ff-0'];

export function options(dice: Dice): object {
  if (dice.chance(0.6)) return {};
  return {
    ...(dice.chance(0.5) ? { id: dice.pick(texts) } : {}),
    ...(dice.chance(0.5) ? { parameters: { [dice.pick(keys)]: dice.pick([0, 1, -1, true, 'x', 1e300]) } } : {}),
  };
}

function outputs(names: readonly string[], dice: Dice): object {
  if (dice.chance(0.6)) return {};
  const output = () => ({
    name: dice.chance(0.9) ? dice.pick(names) : dice.pick(texts),
    ...(dice.chance(0.4) ? { parameters: { [dice.pick(keys)]: dice.pick([0, 1, 2, -1, true, false, 1e9]) } } : {}),
  });
  return { outputs: Array.from({ length: dice.small(5) }, output) };
}
