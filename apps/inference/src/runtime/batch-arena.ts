import { featureCount, type TensorSignature } from '@baton/contracts';
import { elementBytes, makeData, type TensorData } from './tensors.js';

type NumericData = Exclude<TensorData, string[]>;

interface Lane {
  readonly datatype: TensorSignature['datatype'];
  /** Elements of a row. */
  readonly width: number;
  readonly mostRows: number;
  data: NumericData;
  /** Elements that are taken, and that would have been, had there been room. */
  used: number;
  wanted: number;
}

const FIRST_ROWS = 32;
/** Of one input; what would need more is allocated by itself. */
const MAX_LANE_BYTES = 4 * 1024 * 1024;

/**
 * Memory into which the requests of one turn of the event loop are decoded side by side, so that they are a batch
 * already when the turn ends: nothing is copied to run them together. It is used anew for every batch, so what was
 * taken must not be kept beyond the run.
 */
export class BatchArena {
  private readonly lanes: (Lane | undefined)[];

  constructor(inputs: readonly TensorSignature[], maxRows: number) {
    this.lanes = inputs.map(({ datatype, shape }) => {
      const width = shape[0] === -1 ? featureCount({ shape }) : undefined;
      const rowBytes = (width ?? 0) * elementBytes(datatype);
      if (width === undefined || rowBytes === 0) return undefined;
      const mostRows = Math.min(maxRows, Math.floor(MAX_LANE_BYTES / rowBytes));
      if (mostRows === 0) return undefined;
      const data = makeData(datatype, width * Math.min(FIRST_ROWS, mostRows)) as NumericData;
      return { datatype, width, mostRows, data, used: 0, wanted: 0 };
    });
  }

  /** Room for the rows of an input, right behind what was taken last; undefined when there is none. */
  take(input: number, rows: number): NumericData | undefined {
    const lane = this.lanes[input];
    if (!lane) return undefined;
    const elements = rows * lane.width;
    const end = lane.used + elements;
    lane.wanted += elements;
    if (end > lane.data.length && (lane.used > 0 || !grow(lane, end))) return undefined;
    lane.used = end;
    return lane.data.subarray(end - elements, end);
  }

  /** Gives back what was taken of the input last, by a request that turned out not to be one. */
  giveBack(input: number, rows: number): void {
    const lane = this.lanes[input];
    if (lane) lane.used -= rows * lane.width;
  }

  /** Everything that was taken may be overwritten from now on. */
  reset(): void {
    for (const lane of this.lanes) {
      if (!lane) continue;
      if (lane.wanted > lane.data.length) grow(lane, lane.wanted);
      lane.used = 0;
      lane.wanted = 0;
    }
  }
}

/** Only while nothing is taken, since what is in use must stay where it is. False beyond the limit. */
function grow(lane: Lane, elements: number): boolean {
  const rows = Math.min(lane.mostRows, 2 ** Math.ceil(Math.log2(elements / lane.width)));
  if (rows * lane.width > lane.data.length) lane.data = makeData(lane.datatype, rows * lane.width) as NumericData;
  return elements <= lane.data.length;
}

/** The tensors' data as one, without a copy, where they lie one behind the other; undefined where they don't. */
export function joinedView(parts: readonly { readonly data: TensorData }[]): NumericData | undefined {
  const first = parts[0]?.data;
  if (!first || Array.isArray(first)) return undefined;
  let end = first.byteOffset;
  for (const { data } of parts) {
    if (Array.isArray(data) || data.buffer !== first.buffer || data.byteOffset !== end) return undefined;
    end += data.byteLength;
  }
  const View = first.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => NumericData;
  return new View(first.buffer, first.byteOffset, (end - first.byteOffset) / first.BYTES_PER_ELEMENT);
}
