import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/* Loaded into a replica by `--import`: writes down how late its event loop was since it was last asked, by SIGUSR2. */

const RESOLUTION_MS = 1;
const NANOSECONDS_PER_MS = 1e6;
const file = process.env['BENCH_LOOP_DELAY_FILE'];

if (file !== undefined && isMainThread && !process.send) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  process.on('SIGUSR2', () => {
    // A timer that is on time counts as late by its interval.
    const milliseconds = Math.max(0, delays.percentile(99) / NANOSECONDS_PER_MS - RESOLUTION_MS);
    delays.reset();
    writeFileSync(`${file}.part`, String(milliseconds));
    renameSync(`${file}.part`, file);
  });
}
