import { datatypes, type Datatype } from '@baton/contracts';
import type { ModelProcess } from '@baton/inference/isolation/model-process';
import { makeData, type ModelTensor, type TensorData } from '@baton/inference/runtime/tensors';
import { afterEach, describe, expect, it } from 'vitest';
import { echo, rows, startProcess, zerosAnswered, shapeOf } from './isolation-models.js';
import { testModel, type ExpectedTensor } from './released-models.js';

const started: ModelProcess[] = [];
const start = async (...args: Parameters<typeof startProcess>) => {
  const process = await startProcess(...args);
  started.push(process);
  return process;
};

afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.release()));
});

/** Values as a model takes them, out of JSON. */
function tensorOf({ name, datatype, shape, data }: ExpectedTensor): ModelTensor {
  const values = makeData(datatype as Datatype, data.length);
  for (const [index, value] of data.entries()) {
    values[index] = values instanceof BigInt64Array ? BigInt(value) : value;
  }
  return { name, datatype: datatype as Datatype, shape, data: values };
}

function expectClose(actual: ModelTensor | undefined, expected: ExpectedTensor): void {
  expect(actual).toMatchObject({ name: expected.name, datatype: expected.datatype, shape: expected.shape });
  for (const [index, value] of expected.data.entries()) {
    const got = actual?.data[index];
    if (typeof value === 'string') expect(got).toBe(value);
    else expect(Math.abs(Number(got) - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
  }
}

describe('a model in a process of its own', () => {
  it.each(['breast_cancer', 'car_loan_v1', 'digits', 'iris'])('answers as Python does: %s', async (name) => {
    const model = testModel(name);
    const process = await start(model);
    const outputs = await process.run(model.expected.inputs.map(tensorOf));
    expect(outputs).toHaveLength(model.expected.outputs.length);
    for (const [index, expected] of model.expected.outputs.entries()) expectClose(outputs[index], expected);
  });

  const values: Readonly<Record<Datatype, TensorData>> = {
    BOOL: Uint8Array.of(1, 0),
    UINT8: Uint8Array.of(0, 255),
    UINT16: Uint16Array.of(0, 65_535),
    UINT32: Uint32Array.of(0, 4_294_967_295),
    UINT64: BigUint64Array.of(2n ** 53n + 1n, 2n ** 64n - 1n),
    INT8: Int8Array.of(-128, 127),
    INT16: Int16Array.of(-32_768, 32_767),
    INT32: Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
    INT64: BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n),
    FP16: Uint16Array.of(0x3c00, 0xfc00),
    FP32: Float32Array.of(NaN, -0),
    FP64: Float64Array.of(Infinity, Number.MIN_VALUE),
    BYTES: ['', 'naïve 🦊'],
  };
  const echoed = (shape: number[], data: (datatype: Datatype) => TensorData) => ({
    inputs: datatypes.map((datatype) => ({ name: datatype, datatype, shape, data: data(datatype) })),
    outputs: datatypes.map((datatype) => ({ name: `${datatype}_out`, datatype, shape, data: data(datatype) })),
  });

  it('gives every datatype back to the bit', async () => {
    const { inputs, outputs } = echoed([1, 2], (datatype) => values[datatype]);
    const process = await start(echo());
    expect(await process.run(inputs)).toEqual(outputs);
    expect(await process.run(inputs.toReversed())).toEqual(outputs);
  });

  it('takes and gives tensors of no elements, and of no dimensions', async () => {
    const empty = echoed([0, 2], (datatype) => makeData(datatype, 0));
    expect(await (await start(echo())).run(empty.inputs)).toEqual(empty.outputs);
    const scalars = echoed([], (datatype) => values[datatype].slice(1));
    expect(await (await start(echo(datatypes, []))).run(scalars.inputs)).toEqual(scalars.outputs);
  });

  it('takes and gives tensors of many megabytes, and views', async () => {
    const all = Float32Array.from({ length: 4_000_001 }, (_, index) => index);
    const process = await start(echo(['FP32']));
    const [output] = await process.run([{ name: 'FP32', datatype: 'FP32', shape: [2e6, 2], data: all.subarray(1) }]);
    expect(output?.data.length).toBe(4_000_000);
    expect((output?.data as Float32Array).every((value, index) => value === index + 1)).toBe(true);
  });

  it('is small again after large answers', async () => {
    const process = await start(zerosAnswered(), { memoryMb: 64 });
    for (let turn = 0; turn < 50; turn += 1) {
      const [output] = await process.run(shapeOf(4_000_000));
      expect(output?.data.length).toBe(4_000_000);
    }
  });

  it('says what the runtime says, and goes on', async () => {
    const process = await start(echo(['FP32']));
    const bad = { name: 'FP32', datatype: 'FP32' as const, shape: [1, 3], data: Float32Array.of(1, 2, 3) };
    await expect(process.run([bad])).rejects.toThrow(/FP32/);
    await expect(process.run(rows(1))).rejects.toThrow('the input FP32 is missing');
    const [output] = await process.run([{ ...bad, shape: [1, 2], data: Float32Array.of(1, 2) }]);
    expect(output?.data).toEqual(Float32Array.of(1, 2));
  });

  it('does not start as what it is not', async () => {
    const model = echo(['FP32']);
    const other = { ...model, inputs: [{ name: 'FP32', datatype: 'FP64' as const, shape: [-1, 2] }] };
    await expect(startProcess(other)).rejects.toThrow(/inputs of the graph are FP32 FP32, and .* FP32 FP64/);
    await expect(startProcess({ ...model, bytes: Buffer.from('no model') })).rejects.toThrow(/parse|protobuf/i);
    await expect(startProcess(model, { bytes: () => Promise.reject(new Error('gone')) })).rejects.toThrow('gone');
  });
});
