import type { TensorSignature } from '@baton/contracts';
import type { Parameters, RequestedOutput } from './question.js';
import { quote } from './quoted.js';
import { invalidField } from './requests.errors.js';

/** @throws ServiceError 400 for what is there and no object */
export function parametersOf(field: string, value: unknown): Parameters {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw invalidField(field, 'must be an object');
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a parameter says of yes and no. @throws ServiceError 400 for anything else */
export function booleanOf(field: string, value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalidField(field, `must be true or false, not ${quote(value)}`);
  return value;
}

/** @throws ServiceError 400 for a tensor that is to come from, or go to, memory of the caller's machine */
export function refuseSharedMemory(field: string, parameters: Parameters): void {
  if (parameters['shared_memory_region'] === undefined) return;
  throw invalidField(field, 'shared memory is not offered here: send the values in the request');
}

/** How an output is wanted, by its parameters. @throws ServiceError 400 */
export function requestedOutput(field: string, name: string, parameters: Parameters): RequestedOutput {
  refuseSharedMemory(field, parameters);
  const isBinary = booleanOf(`${field}.parameters.binary_data`, parameters['binary_data']);
  const classes = classesOf(`${field}.parameters.classification`, parameters['classification']);
  return { name, ...(isBinary === undefined ? {} : { isBinary }), ...(classes === undefined ? {} : { classes }) };
}

/** @throws ServiceError 400 for classes of an output that has no numbers to sort them by */
export function refuseUnsorted(wanted: readonly RequestedOutput[], outputs: readonly TensorSignature[]): void {
  for (const { name, classes } of wanted) {
    const datatype = outputs.find((output) => output.name === name)?.datatype;
    if (classes === undefined || (datatype !== 'BYTES' && datatype !== 'BOOL')) continue;
    throw invalidField(name, `its values are ${datatype}: there are classes of numbers only`);
  }
}

/** Triton takes 0 for: as it is. */
function classesOf(field: string, value: unknown): number | undefined {
  if (value === undefined || value === null || value === 0) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw invalidField(field, `must be a whole number from 1 on, not ${quote(value)}`);
}
