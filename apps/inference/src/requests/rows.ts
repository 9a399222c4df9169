import { featureCount, type Datatype, type Route } from '@baton/contracts';
import { elementCount, makeData, toJson, type ModelTensor } from '../runtime/tensors.js';
import { quote } from './quoted.js';
import { invalidField } from './requests.errors.js';
import { toValue } from './tensor-values.js';

export type Row = Readonly<Record<string, unknown>>;

/** Rows by feature name. */
export interface NamedRows {
  readonly rows: readonly Row[];
  /** Values are text, to be read by the datatype of their feature. */
  readonly areText: boolean;
}

const MAX_ROWS = 100_000;
const TRUTH: Readonly<Record<string, boolean | undefined>> = { true: true, false: false, '1': true, '0': false };

/** The inputs of a model from rows by feature name. @throws ServiceError 400 naming the row and the feature */
export function inputsFromRows(
  { rows, areText }: NamedRows,
  { inputs, features }: Pick<Route, 'inputs' | 'features'>,
): ModelTensor[] {
  if (rows.length === 0) throw invalidField('rows', 'there are none');
  if (rows.length > MAX_ROWS) throw invalidField('rows', `there are more than ${MAX_ROWS}`);
  refuseUnknown(rows, features);
  let position = 0;
  return inputs.map((input) => {
    const { name, datatype } = input;
    const width = featureCount(input);
    if (width === undefined) {
      throw invalidField('rows', `the input "${name}" has no named features: use /v2/models/{endpoint}/infer`);
    }
    const names = features.slice(position, position + width);
    position += width;
    const shape = [rows.length, ...input.shape.slice(1)];
    const data = makeData(datatype, elementCount(shape));
    rows.forEach((row, index) =>
      names.forEach((feature, column) => {
        (data as unknown[])[index * width + column] = valueOf(row, { feature, index, datatype, areText });
      }),
    );
    return { name, datatype, shape, data };
  });
}

/** The outputs of each row, by the name of the output: a value, or a list where there are several. */
export function rowsFromOutputs(outputs: readonly ModelTensor[], count: number): Record<string, unknown>[] {
  const columns = outputs.map((output) => {
    const values = toJson(output);
    const width = values.length / count;
    const isSingle = width === 1 && output.shape.length <= 2;
    const of = (row: number) => (isSingle ? values[row] : values.slice(row * width, (row + 1) * width));
    return { name: output.name, of };
  });
  return Array.from({ length: count }, (_, row) => Object.fromEntries(columns.map(({ name, of }) => [name, of(row)])));
}

function refuseUnknown(rows: readonly Row[], features: readonly string[]): void {
  const known = new Set(features);
  rows.forEach((row, index) => {
    const unknown = Object.keys(row).find((name) => !known.has(name));
    if (unknown === undefined) return;
    const has = features.slice(0, 50).join(', ');
    throw invalidField(`rows[${index}].${unknown}`, `is no feature of the model: it has ${has}`);
  });
}

function valueOf(
  row: Row,
  at: { feature: string; index: number; datatype: Datatype; areText: boolean },
): number | bigint | string {
  const { feature, datatype } = at;
  const given = row[feature];
  const field = `rows[${at.index}].${feature}`;
  if (given === undefined || given === null) throw invalidField(field, 'is missing');
  if (at.areText && given === '' && datatype !== 'BYTES') throw invalidField(field, 'is missing');
  const value = toValue(datatype, at.areText ? fromText(given, datatype) : given);
  if (value !== undefined) return value;
  throw invalidField(field, `${quote(given)} is no ${datatype} value`);
}

/** The text of a table's cell as JSON would have its value. */
function fromText(text: unknown, datatype: Datatype): unknown {
  if (typeof text !== 'string') return undefined;
  if (datatype === 'BYTES') return text;
  if (datatype === 'BOOL') return TRUTH[text.toLowerCase()];
  if (datatype.endsWith('INT64') && /^-?\d{1,20}$/.test(text)) return BigInt(text);
  return text === '' ? undefined : Number(text);
}
