import type { Dice } from '../dice.js';
import { mutateBytes } from '../mutations/mutate-bytes.js';
import { mutateJsonBytes } from '../mutations/mutate-json.js';
import { fragments, keys, texts, tokens } from '../mutations/words.js';
import { authorization, inputsOf, type Corpus } from './corpus.js';
import { enlarge } from './enlarge.js';
import type { HttpRequest } from './http-request.js';
import { withEncodings } from './infer-cases.js';

const LARGE_SHARE = 1 / 2000;
const MAX_CSV_BYTES = 15 * 1024 * 1024;

type Row = Readonly<Record<string, unknown>>;

/** Rows by feature name, in JSON or CSV. */
export function rowsPredict(corpus: Corpus, dice: Dice): HttpRequest {
  const endpoint = corpus.named(dice);
  const rows = rowsOf(endpoint.model.features, inputsOf(endpoint, dice));
  const name = dice.chance(0.95) ? endpoint.endpoint : corpus.name(dice);
  const time = dice.chance(0.9) ? '' : `?event_time=${dice.pick(['2026-01-01T00:00:00Z', '', '%', '1', '%00'])}`;
  const path = `/v1/endpoints/${name}/predict${time}`;
  if (dice.chance(0.45)) {
    const type = dice.pick(['text/csv', 'text/csv; charset=utf-8', ' TEXT/CSV', 'text/csvx']);
    return withEncodings(path, [['content-type', type]], csvOf(rows, dice), dice);
  }
  const question = dice.chance(0.5) ? rows : { rows, ...(dice.chance(0.3) ? { eventTime: dice.pick(texts) } : {}) };
  const body = dice.chance(LARGE_SHARE) ? enlarge(question, dice) : mutateJsonBytes(question, dice);
  return withEncodings(path, [['content-type', 'application/json']], body, dice);
}

/** The model repository, by who may and by who may not. */
export function repositoryCall(corpus: Corpus, dice: Dice): HttpRequest {
  const name = dice.chance(0.8) ? corpus.name(dice) : dice.pick(['nope', '%00', '%', '__proto__', 'x'.repeat(500)]);
  const call = dice.weighted([
    [4, 'index'],
    [3, `models/${name}/load`],
    [1, `models/${name}/unload`],
    [1, `models/${name}/${dice.pick(['reload', '', 'load/', 'load?x'])}`],
  ]);
  const question = {
    [dice.pick(keys)]: true,
    ready: dice.chance(0.5),
    parameters: { [dice.pick(keys)]: dice.pick(texts) },
  };
  const body = dice.chance(0.3) ? Buffer.alloc(0) : mutateJsonBytes(question, dice);
  const headers = authorization(dice, dice.chance(0.6) ? 'operator' : 'predictor');
  return { method: 'POST', path: `/v2/repository/${call}`, headers, body };
}

/** What is there to be read, and what is not. */
export function reading(corpus: Corpus, dice: Dice): HttpRequest {
  const name = dice.chance(0.8)
    ? corpus.name(dice)
    : dice.pick(['nope', '%', '%00', '%2e%2e', '__proto__', 'constructor']);
  const version = dice.chance(0.6) ? '' : `/versions/${dice.pick(['1', '2', 'x', '%', '-1', '1e0'])}`;
  const path = dice.weighted([
    [6, `/v2/models/${name}${version}${dice.pick(['', '/ready', '/config', '/stats', '/nothing', '/infer'])}`],
    [2, dice.pick(['/v2', '/v2/', '/v2/models', '/v2/models/stats', '/v2/health/live', '/v2/health/ready', '/v2?x'])],
    [1, dice.pick(['/', '/healthz', '/readyz', '/v1', '/v1/endpoints', '//v2', '/v2//models', '/V2', '/v2/%', '*'])],
    [1, printable(mutateBytes(Buffer.from(`/v2/models/${name}/ready`), dice, ['/', '%', '?', '#', '..']))],
  ]);
  const method = dice.weighted([
    [8, 'GET'],
    [1, dice.pick(['DELETE', 'PUT', 'PATCH', 'OPTIONS', 'POST', 'PROPFIND', 'SEARCH', 'QUERY'])],
  ]);
  return { method, path, headers: authorization(dice), body: Buffer.alloc(0) };
}

function rowsOf(features: readonly string[], inputs: ReturnType<typeof inputsOf>): Row[] {
  const count = inputs[0]?.shape[0] ?? 0;
  return Array.from({ length: count }, (_, row) => {
    const values = inputs.flatMap(({ data }) => {
      const width = data.length / count;
      return data.slice(row * width, (row + 1) * width);
    });
    return Object.fromEntries(features.map((feature, index) => [feature, values[index]]));
  });
}

function csvOf(rows: readonly Row[], dice: Dice): Buffer {
  const names = Object.keys(rows[0] ?? {});
  const cell = (value: unknown) => {
    const text = dice.chance(0.9) ? String(value) : dice.pick(dice.chance(0.5) ? tokens : texts);
    return dice.chance(0.9) ? text : `"${text.replaceAll('"', '""')}"`;
  };
  const header = names.map((name) => (dice.chance(0.97) ? name : dice.pick(keys)));
  const lines = [header, ...rows.map((row) => names.map((name) => cell(row[name])))].map((line) => line.join(','));
  if (dice.chance(LARGE_SHARE)) enlargeCsv(lines, dice);
  const csv = Buffer.from(lines.join(dice.pick(['\n', '\n', '\r\n', '\r'])));
  return dice.chance(0.4) ? csv : mutateBytes(csv, dice, fragments);
}

/** By rows, by columns, or by one cell. */
function enlargeCsv(lines: string[], dice: Dice): void {
  const bytes = dice.below(MAX_CSV_BYTES);
  const line = `${dice.chance(0.7) ? (lines.at(-1) ?? '') : dice.pick(['', ' ', ',', '""', '1'])}\n`;
  dice.weighted<() => unknown>([
    [3, () => lines.push(line.repeat(Math.floor(bytes / line.length)))],
    [1, () => (lines[0] += `,${Array.from({ length: Math.floor(bytes / 9) }, (_, index) => `c${index}`).join()}`)],
    [1, () => lines.push(`"${dice.pick(['x', '""', ',', '\n']).repeat(Math.floor(bytes / 2))}`)],
  ])();
}

/** As a path of HTTP may be. */
function printable(path: Buffer): string {
  return `/${path.toString('latin1').replace(/[^!-~]/g, '~')}`;
}
