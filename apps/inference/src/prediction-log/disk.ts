import fs from 'node:fs';

/** What the writer asks of the file system: the real one, or one with faults. */
export type Disk = Pick<
  typeof fs,
  'writeSync' | 'write' | 'fdatasync' | 'fsync' | 'openSync' | 'closeSync' | 'renameSync'
>;

export const realDisk: Disk = fs;
