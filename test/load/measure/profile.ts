import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const MOST = 25;

/** As V8 writes it (Chrome DevTools Protocol, Profiler.Profile). */
interface CpuProfile {
  readonly nodes: {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Microseconds, as the deltas are. */
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: number[];
  readonly timeDeltas: number[];
}

/** A function's share of the time, without what it calls. */
export interface SelfTime {
  readonly share: number;
  readonly place: string;
}

/**
 * Runs something that writes a processor profile, and gives the functions that took most.
 * @param run gives the process that counts; its children may write profiles too
 * @param seconds at the end of the profile that count: what was before is the start
 */
export async function profiled(seconds: number, run: (folder: string) => Promise<number>): Promise<SelfTime[]> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-profile-'));
  try {
    const pid = await run(folder);
    // CPU.<date>.<time>.<process>.<thread>.<number>.cpuprofile, with 0 for the main thread.
    const file = readdirSync(folder).find((name) => name.includes(`.${pid}.0.`));
    if (file === undefined) return [];
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
    return selfTimes(profile, seconds).slice(0, MOST);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function profileTable(times: readonly SelfTime[]): string {
  return times.map(({ share, place }) => `${(share * 100).toFixed(1).padStart(6)} %  ${place}`).join('\n');
}

function selfTimes({ nodes, startTime, endTime, samples, timeDeltas }: CpuProfile, seconds: number): SelfTime[] {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const sums = new Map<string, number>();
  let total = 0;
  let at = startTime;
  for (const [index, id] of samples.entries()) {
    const place = places.get(id) ?? '';
    at += timeDeltas[index] ?? 0;
    const isCounted = place !== '(idle)' && at > endTime - seconds * 1e6;
    const time = isCounted ? (timeDeltas[index] ?? 0) : 0;
    sums.set(place, (sums.get(place) ?? 0) + time);
    total += time;
  }
  const times = [...sums].map(([place, time]) => ({ place, share: time / Math.max(1, total) }));
  return times.sort((one, other) => other.share - one.share);
}

function placeOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName || '(native)';
  const file = url.includes('node_modules') ? url.slice(url.lastIndexOf('node_modules/') + 13) : basename(url);
  return `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`;
}
