import { inferenceProto } from '@baton/contracts';
import protobuf from 'protobufjs';
import type { GrpcCase } from './fuzz-case.js';
import type { GrpcOutcome } from './wires/grpc-exchange.js';

const root = new protobuf.Root().loadSync(inferenceProto, { keepCase: true });
const InferResponse = root.lookupType('inference.ModelInferResponse');
const StreamResponse = root.lookupType('inference.ModelStreamInferResponse');

/** OK; and of errors: what the caller did, who may not, what is not here, too much, not offered, too late, not now. */
const DECLARED = [0, 3, 4, 5, 7, 8, 12, 14, 16];
const INTERNAL = 13;
/** The library's own word for bytes that are no message (gRPC's status codes: "error parsing request proto"). */
const UNREADABLE = 'Error deserializing request';

interface Answered {
  readonly outputs?: unknown[];
  readonly raw_output_contents?: unknown[];
}

/** What is wrong with the outcome of a call; undefined for nothing. */
export function checkCall({ path, isStream, messages }: GrpcCase, outcome: GrpcOutcome): string | undefined {
  const { code, details } = outcome;
  const isDeclared = DECLARED.includes(code) || (code === INTERNAL && details.startsWith(UNREADABLE));
  if (!isDeclared) return `gRPC status ${code}: ${details}`;
  if (code !== 0) return undefined;
  try {
    if (isStream) return checkStream(outcome.messages, messages.length);
    return path.endsWith('/ModelInfer')
      ? checkOutputs(outcome.messages.map((bytes) => InferResponse.decode(bytes) as Answered)[0])
      : undefined;
  } catch (error) {
    return `an answer that cannot be read: ${String(error)}`;
  }
}

function checkStream(answers: readonly Buffer[], asked: number): string | undefined {
  if (answers.length !== asked) return `${answers.length} answers to ${asked} messages of a stream`;
  for (const bytes of answers) {
    const answer = StreamResponse.decode(bytes) as unknown as { error_message: string; infer_response?: Answered };
    if (answer.error_message !== '') continue;
    const wrong = checkOutputs(answer.infer_response);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function checkOutputs(answer: Answered | undefined): string | undefined {
  const { outputs = [], raw_output_contents: raw = [] } = answer ?? {};
  return outputs.length > 0 && outputs.length === raw.length
    ? undefined
    : `an answer of ${outputs.length} outputs and ${raw.length} contents`;
}
