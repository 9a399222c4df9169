import { featureCount, type Datatype, type Route } from '@baton/contracts';
import { elementCount, makeData, toJson, type ModelTensor } from '../runtime/tensors.js';
import { invalidField } from './predictions.errors.js';
import { decodeValue } from './tensor-decoding.js';

export type Row = Readonly<Record<string, unknown>>;

const MAX_ROWS = 100_000;

/**
 * The inputs of a model from rows by feature name.
 * @param fromText values came as text (CSV) and are read by the datatype of their feature
 * @throws ServiceError 400 naming the row and the feature
 */
export function inputsFromRows(rows: readonly Row[], route: Route, fromText: boolean): ModelTensor[] {
  if (rows.length === 0) throw invalidField('rows', 'there are none');
  if (rows.length > MAX_ROWS) throw invalidField('rows', `there are more than ${MAX_ROWS}`);
  refuseUnknown(rows, route.features);
  let position = 0;
  return route.inputs.map((input) => {
    const width = featureCount(input);
    if (width === undefined)
      throw invalidField('rows', `the input "${input.name}" has no named features: use /v2/models/{endpoint}/infer`);
    const names = route.features.slice(position, position + width);
    position += width;
    const shape = [rows.length, ...input.shape.slice(1)];
    const data = makeData(input.datatype, elementCount(shape));
    rows.forEach((row, index) =>
      names.forEach((name, column) => {
        (data as unknown[])[index * width + column] = valueOf(row, name, index, input.datatype, fromText);
      }),
    );
    return { name: input.name, datatype: input.datatype, shape, data };
  });
}

/** The outputs of each row, by the name of the output: a value, or a list where there are several. */
export function rowsFromOutputs(outputs: readonly ModelTensor[], count: number): Record<string, unknown>[] {
  const columns = outputs.map((output) => {
    const values = toJson(output);
    const width = values.length / count;
    const single = width === 1 && output.shape.length <= 2;
    return {
      name: output.name,
      of: (row: number) => (single ? values[row] : values.slice(row * width, (row + 1) * width)),
    };
  });
  return Array.from({ length: count }, (_, row) => Object.fromEntries(columns.map(({ name, of }) => [name, of(row)])));
}

function refuseUnknown(rows: readonly Row[], features: readonly string[]): void {
  const known = new Set(features);
  rows.forEach((row, index) => {
    const unknown = Object.keys(row).find((name) => !known.has(name));
    if (unknown !== undefined) {
      throw invalidField(
        `rows[${index}].${unknown}`,
        `is no feature of the model: it has ${features.slice(0, 50).join(', ')}`,
      );
    }
  });
}

function valueOf(
  row: Row,
  name: string,
  index: number,
  datatype: Datatype,
  fromText: boolean,
): number | bigint | string {
  const given = row[name];
  if (given === undefined || given === null) throw invalidField(`rows[${index}].${name}`, 'is missing');
  const value = decodeValue(datatype, fromText ? fromCsv(given, datatype) : given);
  if (value === undefined)
    throw invalidField(`rows[${index}].${name}`, `${JSON.stringify(given).slice(0, 60)} is no ${datatype} value`);
  return value;
}

/** Text of a CSV field as the datatype wants it. */
function fromCsv(value: unknown, datatype: Datatype): unknown {
  if (typeof value !== 'string' || datatype === 'BYTES') return value;
  const text = value.trim();
  if (datatype === 'BOOL') return { true: true, false: false, 1: true, 0: false }[text.toLowerCase()];
  if (text === '') return undefined;
  return /INT/.test(datatype) ? text : Number(text);
}
