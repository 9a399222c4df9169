import type { Route } from '@baton/contracts';
import type { Parameters, Question, RequestedOutput } from '../requests/question.js';
import { refuseSharedMemory, refuseUnsorted, requestedOutput } from '../requests/request-fields.js';
import { invalidField } from '../requests/requests.errors.js';
import { decodeInputs, type GivenTensor, type Room } from '../requests/tensor-decoding.js';
import type { InferMessage, InputMessage, ParameterMap } from './infer-request-message.js';
import { hasContents, TypedContents } from './typed-contents.js';

/** A question over gRPC, and the outputs that it names. @throws ServiceError 400 naming the field or input */
export function readGrpcQuestion(
  message: InferMessage,
  route: Pick<Route, 'inputs' | 'outputs'>,
  room?: Room,
): Question & { readonly wanted: readonly RequestedOutput[] } {
  const { id, parameters, outputs } = message;
  const wanted = outputs.map(({ name, parameters: of }, index) => {
    return of ? requestedOutput(`outputs[${index}]`, name, plain(of)) : { name };
  });
  refuseUnsorted(wanted, route.outputs);
  return {
    id: id === '' ? undefined : id,
    eventTime: parameters?.get('event_time'),
    parameters: parameters && plain(parameters),
    outputs: wanted.length > 0 ? wanted.map(({ name }) => name) : undefined,
    inputs: decodeInputs(givenTensors(message), route.inputs, room),
    wanted,
  };
}

function givenTensors({ inputs, raw }: InferMessage): GivenTensor[] {
  if (inputs.length === 0) throw invalidField('inputs', 'there are none');
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw invalidField('raw_input_contents', `there are ${raw.length} for ${inputs.length} inputs`);
  }
  return inputs.map((input, index) => {
    const { name, datatype, shape, contents } = input;
    refuseForeign(input);
    if (raw.length === 0) return { name, datatype, shape, data: new TypedContents(contents) };
    if (hasContents(contents)) {
      throw invalidField(name, 'it has typed contents, and the message raw_input_contents: send one of them');
    }
    return { name, datatype, shape, data: raw[index] };
  });
}

function refuseForeign({ name, parameters }: InputMessage): void {
  if (parameters) refuseSharedMemory(name, plain(parameters));
}

function plain(parameters: NonNullable<ParameterMap>): Parameters {
  return Object.fromEntries(parameters);
}
