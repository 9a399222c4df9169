import { InferenceSession, Tensor } from 'onnxruntime-node';
import { madeModel, type BenchModel } from './bench-model.js';
import { fp32, intsAttribute, onnxModel, type Weight } from './onnx-graph.js';
import { randomNumbers } from './random-numbers.js';
import { SESSION_OPTIONS } from './session-options.js';

const ROWS = 20;
/** Small to send, much to compute. */
const IMAGE = { channels: 64, side: 8 };
const KERNEL = 3;

/**
 * A multi-layer perceptron with random weights: x FP32 [N, first size] → y FP32 [N, last size], a softmax.
 * @param note makes the bytes differ while the weights stay the same
 */
export async function perceptron(
  name: string,
  sizes: readonly number[],
  note = name,
  seed = name,
): Promise<BenchModel> {
  const random = randomNumbers(seed);
  const [first = 0] = sizes;
  const last = sizes.at(-1) ?? 0;
  const layers = sizes.slice(1).map((size, index) => ({ index, from: sizes[index] ?? 0, size }));
  const weights = layers.flatMap(({ index, from, size }): Weight[] => [
    { name: `w${index}`, dims: [from, size], values: random.floats(from * size, Math.sqrt(2 / from)) },
    { name: `b${index}`, dims: [size], values: random.floats(size, 0.1) },
  ]);
  const nodes = layers.flatMap(({ index }) => [
    { opType: 'Gemm', input: [index === 0 ? 'x' : `r${index}`, `w${index}`, `b${index}`], output: [`g${index}`] },
    index === layers.length - 1
      ? { opType: 'Softmax', input: [`g${index}`], output: ['y'] }
      : { opType: 'Relu', input: [`g${index}`], output: [`r${index + 1}`] },
  ]);
  const signature = { inputs: [fp32('x', -1, first)], outputs: [fp32('y', -1, last)] };
  const bytes = onnxModel({ ...signature, nodes, weights, note });
  return madeModel({ name, bytes, ...signature }, randomRows(ROWS, first, seed));
}

/** The mean of so many values: next to no work, so that reading the request is all there is. */
export async function meanOf(count: number, rows = 4): Promise<BenchModel> {
  const name = `mean-${count}`;
  const signature = { inputs: [fp32('x', -1, count)], outputs: [fp32('y', -1, 1)] };
  const axes = { name: 'axes', dims: [1], values: BigInt64Array.of(1n) };
  const nodes = [{ opType: 'ReduceMean', input: ['x', 'axes'], output: ['y'] }];
  const bytes = onnxModel({ ...signature, nodes, weights: [axes] });
  return madeModel({ name, bytes, ...signature }, randomRows(rows, count, name));
}

/** Convolutions, one after the other, as many as take about the given time a row on this machine. */
export async function convolutions(name: string, milliseconds: number): Promise<BenchModel> {
  const [few, many] = [8, 40];
  const perLayer = ((await runMs(stack(many))) - (await runMs(stack(few)))) / (many - few);
  const layers = Math.max(1, Math.round(milliseconds / perLayer));
  return madeModel({ name, ...stack(layers) }, randomRows(4, IMAGE.side ** 2, name));
}

function stack(layers: number) {
  const { channels, side } = IMAGE;
  const signature = { inputs: [fp32('x', -1, 1, side, side)], outputs: [fp32('y', -1, channels, 1, 1)] };
  const kernel = (name: string, from: number): Weight => ({
    name,
    dims: [channels, from, KERNEL, KERNEL],
    values: randomNumbers(name).floats(channels * from * KERNEL ** 2, 1 / Math.sqrt(from * KERNEL ** 2)),
  });
  const attribute = [intsAttribute('kernel_shape', KERNEL, KERNEL), intsAttribute('pads', 1, 1, 1, 1)];
  const convolve = Array.from({ length: layers }, (_, index) => [
    {
      opType: 'Conv',
      input: index === 0 ? ['x', 'first'] : [`t${index}`, 'other'],
      ...{ output: [`c${index}`], attribute },
    },
    { opType: 'Tanh', input: [`c${index}`], output: [`t${index + 1}`] },
  ]).flat();
  const nodes = [...convolve, { opType: 'GlobalAveragePool', input: [`t${layers}`], output: ['y'] }];
  const weights = [kernel('first', 1), kernel('other', channels)];
  return { ...signature, bytes: onnxModel({ ...signature, nodes, weights }) };
}

/** The shortest of some runs of one row. */
async function runMs({ bytes }: { bytes: Buffer }): Promise<number> {
  const session = await InferenceSession.create(bytes, SESSION_OPTIONS);
  const { side } = IMAGE;
  const x = new Tensor('float32', new Float32Array(side ** 2).fill(0.5), [1, 1, side, side]);
  const times: number[] = [];
  for (let run = 0; run < 10; run += 1) {
    const since = performance.now();
    await session.run({ x });
    times.push(performance.now() - since);
  }
  await session.release();
  return Math.min(...times);
}

function randomRows(count: number, size: number, seed: string): Float32Array[] {
  const random = randomNumbers(`${seed} rows`);
  return Array.from({ length: count }, () => random.floats(size, 1));
}
