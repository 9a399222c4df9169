import { ServiceError } from '@baton/service';
import { readGrpcQuestion } from '@baton/inference/grpc/grpc-question';
import { readInferMessage } from '@baton/inference/grpc/infer-request-message';
import { headerLengthOf, readRestQuestion } from '@baton/inference/requests/rest-messages';
import { inputsFromRows } from '@baton/inference/requests/rows';
import { readRows } from '@baton/inference/requests/rows-request';
import { InferScanner } from '@baton/inference/rest-infer/scan-infer';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { binaryInfer } from '../fuzz/cases/binary-cases.js';
import { Corpus, inputsOf } from '../fuzz/cases/corpus.js';
import { grpcCall } from '../fuzz/cases/grpc-cases.js';
import { rowsPredict } from '../fuzz/cases/other-cases.js';
import { Dice } from '../fuzz/dice.js';
import { fuzzEndpoints, type FuzzEndpoint } from '../fuzz/fuzz-models.js';
import { mutateJson, mutateJsonBytes } from '../fuzz/mutations/mutate-json.js';

/* What reads requests, without a replica around it: many more of them in the same time. */

const SEED = 7;
const endpoints = fuzzEndpoints();
const corpus = new Corpus(endpoints);
const [iris, loans] = [served('iris'), served('loans')];

/** What a reader throws beside what it tells the caller; undefined for nothing. */
function faultOf(read: () => unknown): string | undefined {
  try {
    read();
  } catch (error) {
    return error instanceof ServiceError && error.status < 500 ? undefined : String(error);
  }
  return undefined;
}

function faults(cases: number, readerOf: (dice: Dice) => () => unknown): Record<number, string> {
  const found: Record<number, string> = {};
  for (let index = 0; index < cases; index += 1) {
    const fault = faultOf(readerOf(Dice.of(SEED, index)));
    if (fault !== undefined) found[index] = fault;
  }
  return found;
}

const header = (headers: readonly (readonly [string, string])[], wanted: string) =>
  headers.find(([name]) => name === wanted)?.[1];

describe('whatever is read, the caller is told what is wrong with it:', () => {
  it('JSON', () => {
    const found = faults(10_000, (dice) => {
      const endpoint = corpus.endpoint(dice);
      const body = mutateJsonBytes({ inputs: inputsOf(endpoint, dice) }, dice);
      return () => readRestQuestion({ body, route: endpoint.model });
    });
    expect(found).toEqual({});
  });

  it('raw tensors', () => {
    const found = faults(10_000, (dice) => {
      const { path, headers, body } = binaryInfer(corpus, dice);
      const { model } = endpoints.find(({ endpoint }) => path.includes(`/${endpoint}/`)) ?? iris;
      const said = header(headers, 'inference-header-content-length');
      return () => readRestQuestion({ body, headerLength: headerLengthOf(said), route: model });
    });
    expect(found).toEqual({});
  });

  it('rows by feature name', () => {
    const found = faults(10_000, (dice) => {
      const { headers, body } = rowsPredict(corpus, dice);
      return () => inputsFromRows(readRows(body, header(headers, 'content-type')), loans.model);
    });
    expect(found).toEqual({});
  });

  it('messages of gRPC', () => {
    const found = faults(10_000, (dice) => {
      const { messages } = grpcCall(corpus, dice);
      return () => {
        for (const bytes of messages) {
          const message = readInferMessage(bytes);
          const { model } = endpoints.find(({ endpoint }) => endpoint === message.endpoint) ?? iris;
          readGrpcQuestion(message, model);
        }
      };
    });
    expect(found).toEqual({});
  });
});

describe('the scanner of plain requests', () => {
  it('reads what it takes as the complete reader does', () => {
    const { model } = iris;
    const scanner = new InferScanner(model.inputs);
    const differing: string[] = [];
    let plain = 0;
    for (let index = 0; index < 50_000; index += 1) {
      const dice = Dice.of(SEED, index);
      const outputs = model.outputs.map(({ name }) => ({ name }));
      const body = mutateJson({ id: 'r-1', inputs: inputsOf(iris, dice), outputs }, dice);
      const scanned = scanner.scan(body, undefined);
      if (!scanned) continue;
      plain += 1;
      const { id, inputs, outputs: wanted = [] } = scanned;
      if (!isDeepStrictEqual({ id, inputs, wanted }, readCompletely(body))) differing.push(body.toString());
    }
    expect(differing).toEqual([]);
    expect(plain).toBeGreaterThan(1000);
  });
});

function readCompletely(body: Buffer): object {
  try {
    const { id, inputs, outputs: wanted } = readRestQuestion({ body, route: iris.model });
    return { id, inputs, wanted };
  } catch (error) {
    return { error };
  }
}

function served(name: string): FuzzEndpoint {
  const found = endpoints.find(({ endpoint }) => endpoint === name);
  if (!found) throw new Error(`${name} is not among what is fuzzed`);
  return found;
}
