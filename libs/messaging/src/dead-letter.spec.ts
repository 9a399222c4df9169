import { describe, expect, it } from 'vitest';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { deadLetterHeaders, originalHeaders, readDeadLetter, replayedMarker, replayedOffsets } from './dead-letter.js';

const original = { ce_id: 'one', traceparent: '00-1-2-01' };
const headers = deadLetterHeaders(original, {
  topic: 'p.model.approved',
  partition: 2,
  offset: '17',
  group: 'p.deployment.model.approved',
  error: new TypeError('no such model'),
  tries: 5,
});

function record(of: IHeaders): KafkaMessage {
  return {
    key: Buffer.from('iris'),
    value: Buffer.from('{}'),
    headers: of,
    offset: '3',
    timestamp: '0',
    attributes: 0,
  };
}

describe('a dead letter', () => {
  it('says where it came from and why', () => {
    expect(readDeadLetter('p.model.approved.dead-letter', 'model.approved', record(headers))).toMatchObject({
      type: 'model.approved',
      offset: '3',
      originalPartition: 2,
      originalOffset: '17',
      group: 'p.deployment.model.approved',
      error: 'TypeError: no such model',
      tries: 5,
      key: 'iris',
      value: '{}',
    });
  });

  it('goes back with the headers it came with', () => {
    expect(originalHeaders(headers)).toEqual(original);
  });

  it('that failed twice tells of the second time', () => {
    const again = deadLetterHeaders(headers, {
      topic: 't',
      partition: 0,
      offset: '99',
      group: 'g',
      error: 'x',
      tries: 1,
    });

    expect(readDeadLetter('t.dead-letter', 'model.approved', record(again))?.originalOffset).toBe('99');
  });

  it.each([
    ['a marker of replays', replayedMarker(['1', '2']).headers],
    ['a foreign record', { ce_id: 'one' }],
  ])('is not %s', (_what, of) => {
    expect(readDeadLetter('t.dead-letter', 'model.approved', record(of))).toBeUndefined();
  });

  it('is known to be replayed by a marker behind it', () => {
    expect(replayedOffsets(record(replayedMarker(['1', '2']).headers))).toEqual(['1', '2']);
    expect(replayedOffsets(record(headers))).toBeUndefined();
  });
});
