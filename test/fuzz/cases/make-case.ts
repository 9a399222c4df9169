import { Dice } from '../dice.js';
import type { FuzzCase } from '../fuzz-case.js';
import { binaryInfer } from './binary-cases.js';
import type { Corpus } from './corpus.js';
import { grpcCall, http2Call } from './grpc-cases.js';
import { httpCase, type HttpRequest } from './http-request.js';
import { jsonInfer } from './infer-cases.js';
import { reading, repositoryCall, rowsPredict } from './other-cases.js';
import { rawHttp } from './raw-cases.js';

type Maker = (corpus: Corpus, dice: Dice) => FuzzCase;

const requests: readonly (readonly [
  share: number,
  label: string,
  make: (corpus: Corpus, dice: Dice) => HttpRequest,
])[] = [
  [28, 'json infer', jsonInfer],
  [16, 'binary infer', binaryInfer],
  [14, 'rows predict', rowsPredict],
  [4, 'repository', repositoryCall],
  [5, 'reading', reading],
];

const makers: readonly (readonly [share: number, maker: Maker])[] = [
  ...requests.map(
    ([share, label, make]) =>
      [share, (corpus, dice) => httpCase(label, make(corpus, dice))] as const satisfies [number, Maker],
  ),
  [12, (corpus, dice) => rawHttp(() => anyRequest(corpus, dice), dice)],
  [18, grpcCall],
  [3, http2Call],
];

/** The case that a seed and a number stand for. */
export function makeCase(corpus: Corpus, seed: number, index: number): FuzzCase {
  const dice = Dice.of(seed, index);
  return dice.weighted(makers)(corpus, dice);
}

function anyRequest(corpus: Corpus, dice: Dice): HttpRequest {
  return dice.weighted(requests.map(([share, , make]) => [share, make] as const))(corpus, dice);
}
