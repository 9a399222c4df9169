import type { Route } from '@baton/contracts';
import { headerLengthOf, rawBinaryInput, splitBody } from './binary-request.js';
import { topClasses } from './classes.js';
import { readInferBody, type InferBody } from './infer-request.js';
import { writeInferResponse, type RestMessage } from './infer-response.js';
import { parseJsonBody } from './json-body.js';
import type { Answer, Question, RequestedOutput } from './question.js';
import { refuseUnsorted } from './request-fields.js';
import { decodeInputs, type Room } from './tensor-decoding.js';

export { headerLengthOf };
export type { RestMessage };

/** How an answer is to be written. */
export interface AnswerForm {
  /** Whether outputs that are not named, or named without a word of it, come as raw bytes. */
  readonly isBinary: boolean;
  readonly outputs: readonly RequestedOutput[];
}

export interface RestRequest {
  /** Decompressed. */
  readonly body: Buffer | undefined;
  /** `Inference-Header-Content-Length`: bytes of JSON before the raw tensors; 0 for a body of one input's bytes alone. */
  readonly headerLength?: number | undefined;
  readonly route: Pick<Route, 'inputs' | 'outputs'>;
  /** Where raw values may be copied to; see `BatchArena`. */
  readonly room?: Room | undefined;
}

/** A question over REST, in JSON or with raw tensors in any mixture. @throws ServiceError 400 naming the field or input */
export function readRestQuestion({ body, headerLength, route, room }: RestRequest): Question & { answer: AnswerForm } {
  if (headerLength === 0) {
    const inputs = decodeInputs([rawBinaryInput(body ?? Buffer.alloc(0), route.inputs)], route.inputs, room);
    return { inputs, answer: { isBinary: true, outputs: [] } };
  }
  const { id, parameters, inputs, outputs, isBinary } = readBody(body, headerLength);
  refuseUnsorted(outputs, route.outputs);
  return {
    id,
    eventTime: parameters['event_time'],
    parameters,
    inputs: decodeInputs(inputs, route.inputs, room),
    outputs: outputs.map(({ name }) => name),
    answer: { isBinary, outputs },
  };
}

/** The body of the answer, in the form that was asked for. */
export function writeRestAnswer(endpoint: string, answer: Answer, form: AnswerForm): RestMessage {
  const outputs = answer.outputs.map((tensor) => {
    const { classes, isBinary = form.isBinary } = form.outputs.find(({ name }) => name === tensor.name) ?? {};
    return { tensor: withClasses(tensor, answer.route, classes), isBinary };
  });
  return writeInferResponse(endpoint, answer, outputs);
}

/** The output as its classes, where these are asked for. */
export function withClasses(
  tensor: Answer['outputs'][number],
  { outputs }: Pick<Route, 'outputs'>,
  classes: number | undefined,
): Answer['outputs'][number] {
  const declared = outputs.find(({ name }) => name === tensor.name);
  return classes === undefined || !declared ? tensor : topClasses(tensor, declared, classes);
}

function readBody(body: Buffer | undefined, headerLength: number | undefined): InferBody {
  if (headerLength === undefined || !body) return readInferBody(parseJsonBody(body));
  const { json, binary } = splitBody(body, headerLength);
  return readInferBody(parseJsonBody(json), binary);
}
