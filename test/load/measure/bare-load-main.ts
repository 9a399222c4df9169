import { readFileSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import { SESSION_OPTIONS } from '../models/session-options.js';

/* Loads a model again and again as plainly as one can, and prints how long each time took, in milliseconds. */

const [file = '', count = '10'] = process.argv.slice(2);
const times: number[] = [];
for (let load = 0; load < Number(count); load += 1) {
  const since = performance.now();
  const session = await InferenceSession.create(readFileSync(file), SESSION_OPTIONS);
  times.push(performance.now() - since);
  await session.release();
}
process.stdout.write(JSON.stringify(times));
