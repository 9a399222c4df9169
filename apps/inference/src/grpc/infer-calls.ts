import type { Caller } from '@baton/access';
import { Injectable } from '@nestjs/common';
import { DataPlane, type InferenceRequest } from '../predictions/data-plane.js';
import type { Answer, RequestedOutput } from '../requests/question.js';
import { withClasses } from '../requests/rest-messages.js';
import { CallAccess } from './call-access.js';
import { deadlineOf } from './call-deadline.js';
import type { CallHeader } from './call-header.js';
import { traceOf } from './call-trace.js';
import { GrpcErrors } from './grpc-errors.js';
import { readGrpcQuestion } from './grpc-question.js';
import type { InferCall } from './infer-call.js';
import { InferStream, type InferStreamCall } from './infer-stream.js';
import { readInferMessage, type InferMessage } from './infer-request-message.js';
import { writeInferMessage, writeStreamAnswer, writeStreamError } from './infer-response-message.js';

/** Metadata: calls with the same key go to the same version. */
const STICKY_KEY = 'baton-sticky-key';

/** Where one inference comes from. */
interface Asking {
  readonly caller: Caller;
  readonly header: CallHeader;
  readonly since: number;
  readonly deadline: number | undefined;
}

/** Hears of the outcome, once. */
interface Outcome {
  answered(answer: Answer, wanted: readonly RequestedOutput[]): void;
  failed(error: unknown): void;
}

/** Inference over gRPC, from the bytes of a message to those of its answer. */
@Injectable()
export class InferCalls {
  private readonly streams = new Set<InferStream>();

  constructor(
    private readonly dataPlane: DataPlane,
    private readonly access: CallAccess,
    private readonly errors: GrpcErrors,
  ) {}

  /** `ModelInfer`. @param bytes `inference.ModelInferRequest` */
  readonly infer = (call: InferCall, bytes: Buffer): void => {
    const since = performance.now();
    const { header } = call;
    const failed = (error: unknown): void => call.fail(this.errors.statusOf(error));
    try {
      const caller = this.access.letIn(header, 'ModelInfer', call.connection);
      const deadline = deadlineOf(call, since);
      const message = readInferMessage(bytes);
      const answered: Outcome['answered'] = (answer, wanted) => call.answer(write(message, answer, wanted));
      this.ask(message, { caller, header, since, deadline }, { answered, failed });
    } catch (error) {
      failed(error);
    }
  };

  /** `ModelStreamInfer`: an error is an answer like any other, and the stream goes on. */
  readonly stream = (call: InferStreamCall): void => {
    const stream = new InferStream(call.stream, {
      answer: (bytes) => this.answerInStream(call, bytes),
      statusOf: (error) => this.errors.statusOf(error),
      onEnd: () => this.streams.delete(stream),
    });
    this.streams.add(stream);
    try {
      this.access.letIn(call.header, 'ModelStreamInfer', call.connection);
    } catch (error) {
      stream.fail(error);
    }
  };

  /** Streams take nothing more, and end when what they took is answered. */
  drain(): void {
    for (const stream of this.streams) stream.drain();
  }

  /** @throws ServiceError 401, 403: a key that is revoked meanwhile is of no use from then on; 504 */
  private async answerInStream(call: InferStreamCall, bytes: Buffer): Promise<Buffer> {
    const since = performance.now();
    const { header, connection } = call;
    const caller = this.access.letIn(header, 'ModelStreamInfer', connection);
    const deadline = deadlineOf(call, since);
    let id = '';
    try {
      const message = readInferMessage(bytes);
      id = message.id;
      return await new Promise<Buffer>((resolve, reject) => {
        const answered: Outcome['answered'] = (answer, wanted) =>
          resolve(writeStreamAnswer(write(message, answer, wanted, true)));
        this.ask(message, { caller, header, since, deadline }, { answered, failed: reject });
      });
    } catch (error) {
      return writeStreamError(this.errors.statusOf(error).details, id);
    }
  }

  private ask(message: InferMessage, { caller, header, since, deadline }: Asking, outcome: Outcome): void {
    const { endpoint, version } = message;
    let wanted: readonly RequestedOutput[] = [];
    const request: InferenceRequest = {
      ...{ endpoint, version, caller, since, deadline },
      stickyKey: header(STICKY_KEY),
      trace: traceOf(header),
      read: (route, room) => {
        const question = readGrpcQuestion(message, route, room);
        wanted = question.wanted;
        return question;
      },
    };
    const answered = (answer: Answer): void => {
      try {
        outcome.answered(answer, wanted);
      } catch (error) {
        outcome.failed(error);
      }
    };
    const failed = (error: unknown): void => outcome.failed(error);
    this.dataPlane.begin(request, { answered, failed });
  }
}

function write(
  { endpoint }: InferMessage,
  answer: Answer,
  wanted: readonly RequestedOutput[],
  isFinal = false,
): Buffer {
  const hasClasses = wanted.some(({ classes }) => classes !== undefined);
  if (!hasClasses) return writeInferMessage(endpoint, answer, isFinal);
  const outputs = answer.outputs.map((tensor) => {
    return withClasses(tensor, answer.route, wanted.find(({ name }) => name === tensor.name)?.classes);
  });
  return writeInferMessage(endpoint, { ...answer, outputs }, isFinal);
}
