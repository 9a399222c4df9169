import { readFileSync } from 'node:fs';
import { decodePrediction } from './prediction-decoder.js';
import type { RouteContext } from './recorded-route.js';
import { scanSegment } from './spool-frame.js';
import { contextsIn, recordsIn } from './spool-group.js';
import { segmentPath, segmentsIn } from './spool-segments.js';

/**
 * A program: prints one line of JSON for every record in a spool, `{ replica, sequence, prediction, endpoint, version }`.
 * It only reads, so the replica may be running; a segment that is shipped meanwhile is left out.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('which folder?');
for (const first of segmentsIn(folder)) {
  for (const line of linesOf(first, read(segmentPath(folder, first)))) process.stdout.write(`${line}\n`);
}

function linesOf(first: number, bytes: Buffer): string[] {
  const { frames } = scanSegment(bytes, first);
  const contexts = new Map(
    frames
      .filter(({ count }) => count === 0)
      .flatMap(({ body }) => [...contextsIn(body)])
      .map(([number, json]) => [number, JSON.parse(json.toString('utf8')) as RouteContext]),
  );
  return frames.flatMap((frame) =>
    recordsIn(frame.body, frame.count).flatMap((body, index) => {
      const event = decodePrediction({ sequence: frame.first + index, body }, (number) => contexts.get(number));
      if (!event) return [];
      const { replica, sequence, prediction, endpoint, version } = event.data;
      return JSON.stringify({ replica, sequence, prediction, endpoint, version });
    }),
  );
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
