import { testKafka } from '@baton/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fuzzer, type FuzzSummary } from '../fuzz/fuzz.js';
import { fuzzEndpoints } from '../fuzz/fuzz-models.js';
import { FuzzReplica } from '../fuzz/fuzz-replica.js';
import { memorySlope } from '../fuzz/memory-slope.js';

const CASES = 10_000;
const LIMIT_MS = 180_000;
/** Mebibytes per thousand cases: a heap is still settling by then, so this finds only what keeps whole requests; more in a long run by hand. */
const MAX_SLOPE_MB = 40;

let replica: FuzzReplica;
let summary: FuzzSummary;

beforeAll(async () => {
  const endpoints = fuzzEndpoints();
  replica = await FuzzReplica.start(await testKafka(), endpoints);
  summary = await new Fuzzer(replica, endpoints, { seed: 1, cases: CASES }).run();
}, LIMIT_MS);

afterAll(() => replica?.stop());

describe(`${CASES} changed requests`, () => {
  it('are all sent to a replica that lives on', () => {
    expect([summary.cases, replica.ended]).toEqual([CASES, undefined]);
  });

  /** How long the loop was held depends on what else the machine does: `npm run fuzz` looks at that. */
  it('are answered well-formed, with no status that is not declared', () => {
    const faults = Object.entries(summary.counts).filter(([what]) => !what.includes('event loop'));
    const cases = summary.findings.map(({ what, index }) => `#${index}: ${what}`);
    expect(faults, cases.join('\n')).toEqual([]);
  });

  it('leave its memory as it was', () => {
    expect(memorySlope(summary.residentMb)).toBeLessThan(MAX_SLOPE_MB);
  });

  it('are understood often enough to get everywhere', () => {
    const { outcomes } = summary;
    const seen = ['http 200', 'http 400', 'http 404', 'http 401', 'raw 200', 'raw 400', 'grpc 0', 'grpc 3', 'http2'];
    expect(seen.filter((kind) => (outcomes[kind] ?? 0) < CASES / 2000)).toEqual([]);
  });
});
