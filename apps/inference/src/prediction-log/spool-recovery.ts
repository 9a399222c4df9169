import { createLogger } from '@baton/telemetry';
import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '../durable-files.js';
import { scanSegment } from './spool-frame.js';
import type { SpoolSegments } from './spool-segments.js';

const log = createLogger('prediction-log');

/**
 * Mends what the last process left, and brings it to stable storage: its death may have come before the sync.
 * @returns the sequence that comes next: higher than any that a whole record, a file's name or `shipped` tells of
 */
export function recover(segments: SpoolSegments, shipped: number): number {
  let next = shipped + 1;
  for (const first of segments.firsts.toReversed()) {
    const bytes = readFileSync(segments.path(first));
    const { end, next: after } = scanSegment(bytes, first);
    next = Math.max(next, first, after);
    if (end > 0) {
      const torn = bytes.subarray(end, end + 4).some((byte) => byte !== 0);
      if (torn)
        log.info('what follows the last whole record is cut off', { segment: first, bytes: bytes.length - end });
      truncateSync(segments.path(first), end);
      segments.setSize(first, end);
      break;
    }
    // Made, and nothing whole written to it.
    segments.remove(first);
  }
  for (const first of segments.firsts) syncFile(segments.path(first));
  syncFolder(segments.folder);
  return next;
}

/** The last sequence that has arrived on Kafka, or was given up. A power cut may bring an earlier one back. */
export function readShipped(folder: string): number {
  const file = shippedFile(folder);
  const sequence = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : 0;
}

export function shippedFile(folder: string): string {
  return join(folder, 'shipped');
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
