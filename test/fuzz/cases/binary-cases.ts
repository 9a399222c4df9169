import type { Dice } from '../dice.js';
import type { FuzzEndpoint } from '../fuzz-models.js';
import { mutateBytes } from '../mutations/mutate-bytes.js';
import { mutateJsonBytes } from '../mutations/mutate-json.js';
import { tokens } from '../mutations/words.js';
import { authorization, inputsOf, type Corpus } from './corpus.js';
import type { HttpRequest } from './http-request.js';
import { inferPath, LARGE_SHARE, options, withEncodings } from './infer-cases.js';
import { rawBytes } from './raw-bytes.js';

const LARGE_BYTES = 15 * 1024 * 1024;

/** Tensors as raw bytes behind their JSON, or alone. */
export function binaryInfer(corpus: Corpus, dice: Dice): HttpRequest {
  const endpoint = corpus.endpoint(dice);
  if (dice.chance(LARGE_SHARE)) return largeBinary(endpoint, dice);
  const inputs = inputsOf(endpoint, dice);
  const contents = inputs.map(({ datatype, data }) => rawBytes(datatype, data));
  const tensors = inputs.map((input, index) => {
    const size = contents[index]?.length ?? 0;
    const isBinary = dice.chance(0.85);
    const said = dice.chance(0.93) ? size : Number(dice.pick(tokens));
    const { data, ...head } = input;
    return isBinary ? { ...head, parameters: { binary_data_size: said } } : { ...head, data };
  });
  const parameters = dice.chance(0.6) ? { binary_data_output: dice.chance(0.9) } : undefined;
  const question = { ...options(dice), parameters, inputs: tensors };
  const isChanged = dice.chance(0.5);
  const json = isChanged ? mutateJsonBytes(question, dice) : Buffer.from(JSON.stringify(question));
  const whole = Buffer.concat(contents);
  const tail = isChanged && dice.chance(0.6) ? whole : mutateBytes(whole, dice);
  const length = dice.weighted<number | string>([
    [16, json.length],
    [1, 0],
    [1, json.length - 1],
    [1, json.length + 1 + dice.below(tail.length + 2)],
    [1, dice.pick(['-1', '', '1e3', ' 7', '0x10', '9007199254740993', 'x', '٣'])],
  ]);
  const body = length === 0 ? tail : Buffer.concat([json, tail]);
  const latin = Buffer.from(String(length)).toString('latin1');
  const headers: [string, string][] = [['inference-header-content-length', latin]];
  return withEncodings(inferPath(endpoint.endpoint, dice), headers, body, dice);
}

/** As many rows of nothing as are let in, all of them right. */
function largeBinary(endpoint: FuzzEndpoint, dice: Dice): HttpRequest {
  const widths = endpoint.model.inputs.map(({ shape }) => shape.slice(1).map((size) => (size < 0 ? 1 : size)));
  const sizes = endpoint.model.inputs.map(({ datatype }, index) => {
    const element = rawBytes(datatype, datatype === 'BYTES' ? [''] : ['0']).length;
    return (widths[index] ?? []).reduce((product, size) => product * size, element);
  });
  const rows = 1 + dice.below(Math.floor(LARGE_BYTES / sizes.reduce((sum, size) => sum + size, 0)));
  const contents = sizes.map((size) => Buffer.alloc(rows * size));
  const inputs = endpoint.model.inputs.map(({ name, datatype }, index) => {
    const shape = [rows, ...(widths[index] ?? [])];
    return { name, datatype, shape, parameters: { binary_data_size: contents[index]?.length } };
  });
  const json = Buffer.from(JSON.stringify({ inputs, parameters: { binary_data_output: dice.chance(0.5) } }));
  const headers: [string, string][] = [['inference-header-content-length', String(json.length)]];
  const path = `/v2/models/${endpoint.endpoint}/infer`;
  return {
    method: 'POST',
    path,
    headers: [...authorization(dice), ...headers],
    body: Buffer.concat([json, ...contents]),
  };
}
