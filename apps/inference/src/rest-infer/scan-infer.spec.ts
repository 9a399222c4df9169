import type { TensorSignature } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { BatchArena, joinedView } from '../runtime/batch-arena.js';
import { InferScanner } from './scan-infer.js';

const x: TensorSignature = { name: 'x', datatype: 'FP32', shape: [-1, 2] };
const y: TensorSignature = { name: 'y', datatype: 'FP64', shape: [-1, 1] };
const X = '{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2.5,-3e2,0]}';
const Y = '{"datatype":"FP64","name":"y","shape":[2,1],"data":[0.1,0.2]}';

const scan = (text: string, inputs = [x], arena?: BatchArena) =>
  new InferScanner(inputs).scan(Buffer.from(text), arena);

describe('a plain request', () => {
  it('is read in one pass', () => {
    expect(scan(`{"id":"r-1","inputs":[${X}],"outputs":[{"name":"a"},{"name":"b"}]}`)).toEqual({
      id: 'r-1',
      outputs: ['a', 'b'],
      inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(1, 2.5, -300, 0) }],
    });
  });

  it('may have room between its parts, and several inputs', () => {
    const spaced = ` {\n "inputs" : [ ${X.replaceAll(/([,:[\]])/g, ' $1 ')} ,\t${Y} ] }\r\n`;
    expect(scan(spaced, [x, y])?.inputs[1]?.data).toEqual(Float64Array.of(0.1, 0.2));
  });

  it('is decoded to where the batch is made', () => {
    const arena = new BatchArena([x], 100);
    const parts = [1, 2, 3].map(() => scan(`{"inputs":[${X}]}`, [x], arena)?.inputs[0] ?? { data: [] });
    expect(joinedView(parts)).toHaveLength(12);
  });
});

describe('what is not plain is left to the complete reader:', () => {
  it.each([
    ['nothing', ''],
    ['no object', '[]'],
    ['something behind it', `{"inputs":[${X}]}x`],
    ['a comma at the end', `{"inputs":[${X}],}`],
    ['no inputs', '{"inputs":[]}'],
    ['an input twice', `{"inputs":[${X},${X}]}`],
    ['a name that comes twice', `{"inputs":[${X.replace('"x"', '"x","name":"z"')}]}`],
    ['a datatype that comes twice', `{"inputs":[${X.replace('"FP32"', '"FP32","datatype":"FP64"')}]}`],
    ['a shape that comes twice', `{"inputs":[${X.replace('[2,2]', '[9,9],"shape":[2,2]')}]}`],
    ['a shape of many sizes', `{"inputs":[${X.replace('[2,2]', `[2,2${',1'.repeat(63)}]`)}]}`],
    ['another input', `{"inputs":[${X.replace('"x"', '"z"')}]}`],
    ['another datatype', `{"inputs":[${X.replace('FP32', 'FP64')}]}`],
    ['another width', `{"inputs":[${X.replace('[2,2]', '[4,1]')}]}`],
    ['another rank', `{"inputs":[${X.replace('[2,2]', '[4]')}]}`],
    ['no rows', `{"inputs":[${X.replace('[2,2]', '[0,2]')}]}`],
    ['fewer values than its shape', `{"inputs":[${X.replace('[2,2]', '[3,2]')}]}`],
    ['more values than its shape', `{"inputs":[${X.replace('[2,2]', '[1,2]')}]}`],
    ['a size with a leading zero', `{"inputs":[${X.replace('[2,2]', '[02,2]')}]}`],
    ['an absurd size', `{"inputs":[${X.replace('[2,2]', '[123456789012,2]')}]}`],
    ['values before the shape', '{"inputs":[{"name":"x","datatype":"FP32","data":[1,2],"shape":[1,2]}]}'],
    ['nested values', `{"inputs":[${X.replace('[1,2.5,-3e2,0]', '[[1,2.5],[-3e2,0]]')}]}`],
    ['parameters', `{"parameters":{"event_time":"2015-06-01"},"inputs":[${X}]}`],
    ['parameters of an input', `{"inputs":[${X.replace('"data"', '"parameters":{},"data"')}]}`],
    ['parameters of an output', `{"inputs":[${X}],"outputs":[{"name":"a","parameters":{}}]}`],
    ['an escape', `{"id":"\\u0041","inputs":[${X}]}`],
    ['a letter beyond ASCII', `{"id":"ä","inputs":[${X}]}`],
    ['an id that is no text', `{"id":1,"inputs":[${X}]}`],
    ['two ids', `{"id":"a","id":"b","inputs":[${X}]}`],
    ['a text without an end', '{"inputs":[{"name":"x'],
    ['two lists of inputs', `{"inputs":[${X}],"inputs":[${X}]}`],
  ])('%s', (_, text) => {
    const arena = new BatchArena([x], 100);
    expect(scan(text, [x], arena)).toBeUndefined();
    // And nothing of it stays taken.
    expect(arena.take(0, 1)?.byteOffset).toBe(0);
  });

  it('a model with inputs of another kind', () => {
    expect(scan(`{"inputs":[${X}]}`, [{ ...x, datatype: 'INT64' }])).toBeUndefined();
    expect(scan(`{"inputs":[${X}]}`, [{ ...x, shape: [-1, -1] }])).toBeUndefined();
    expect(scan(`{"inputs":[${X}]}`, [{ ...x, shape: [2, 2] }])).toBeUndefined();
  });
});
