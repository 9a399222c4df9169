// A program of its own: loads the model named by its argument and runs it once on zeros, under the limits that its
// parent has set. It imports nothing of the registry, so that what a model breaks is only this process.
import ort from 'onnxruntime-node';

interface Tensor {
  name: string;
  type: string;
  shape: number[];
}

const ROWS = 2;
const MAX_ELEMENTS = 50_000_000;

function shapeOf(shape: readonly (string | number)[]): number[] {
  return shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1));
}

/** Open dimensions get a size: the first one a few rows, the others one. */
function sizesOf(shape: readonly number[]): number[] {
  return shape.map((size, index) => {
    if (size >= 0) return size;
    return index === 0 ? ROWS : 1;
  });
}

function zeros(type: string, sizes: readonly number[]): ort.Tensor {
  const count = sizes.reduce((product, size) => product * size, 1);
  if (count > MAX_ELEMENTS) throw new Error(`an input of ${count} elements`);
  if (type === 'string') return new ort.Tensor('string', new Array<string>(count).fill(''), sizes);
  if (type === 'bool') return new ort.Tensor('bool', new Uint8Array(count), sizes);
  const arrays: Record<string, (new (n: number) => ort.Tensor.DataType & object) | undefined> = {
    float32: Float32Array,
    float64: Float64Array,
    float16: Uint16Array,
    int8: Int8Array,
    uint8: Uint8Array,
    int16: Int16Array,
    uint16: Uint16Array,
    int32: Int32Array,
    uint32: Uint32Array,
    int64: BigInt64Array,
    uint64: BigUint64Array,
  };
  const ArrayType = arrays[type];
  if (!ArrayType) throw new Error(`the datatype ${type}`);
  return new ort.Tensor(type as ort.Tensor.Type, new ArrayType(count), sizes);
}

function describe(metadata: ort.InferenceSession.ValueMetadata): Tensor {
  if (!metadata.isTensor) return { name: metadata.name, type: 'not a tensor', shape: [] };
  return { name: metadata.name, type: metadata.type, shape: shapeOf(metadata.shape) };
}

async function trial(path: string): Promise<object> {
  const session = await ort.InferenceSession.create(path, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const inputs = session.inputMetadata.map(describe);
  const outputs = session.outputMetadata.map(describe);
  if ([...inputs, ...outputs].some(({ type }) => type === 'not a tensor')) return { inputs, outputs };
  const feeds = Object.fromEntries(inputs.map(({ name, type, shape }) => [name, zeros(type, sizesOf(shape))]));
  await session.run(feeds);
  return { inputs, outputs };
}

try {
  process.stdout.write(`${JSON.stringify(await trial(String(process.argv[2])))}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
}
process.exit();
