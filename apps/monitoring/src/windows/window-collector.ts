import type { BatonEventAt } from '@baton/messaging';
import type { Transaction } from '@baton/database';
import { Injectable } from '@nestjs/common';
import type { Watched } from './watched-versions.js';
import { windowOf, type WindowBounds } from './window-bounds.js';
import { addPrediction, emptyState, type WindowState } from './window-state.js';
import { OPEN_WINDOWS, PARTS_OF_PARTITION, SAVE_PARTS } from './windows.queries.js';

type Logged = BatonEventAt<'prediction.logged'>;

interface TouchedWindow extends WindowBounds {
  endpoint: string;
  project: string;
  closesAt: Date;
}

interface TouchedPart extends WindowBounds {
  endpoint: string;
  model: string;
  version: number;
  digest: string;
  reference: string | null;
  state: WindowState;
}

/** Adds predictions to the windows that their event times belong to: each partition to its own parts. */
@Injectable()
export class WindowCollector {
  async add(
    tx: Transaction,
    partition: number,
    { events, watched }: { events: readonly Logged[]; watched: ReadonlyMap<string, Watched> },
  ): Promise<void> {
    if (events.length === 0) return;
    const windows = touchedWindows(events, watched);
    const keys = columnsOf(windows);
    const stored = await tx.query<TouchedPart>(PARTS_OF_PARTITION, [partition, ...keys]);
    const parts = addAll(events, watched, stored);
    await tx.query(SAVE_PARTS, [partition, JSON.stringify(parts)]);
    // Last, since other partitions that add to the same windows wait from here on.
    const [projects, closings] = [windows.map(({ project }) => project), windows.map(({ closesAt }) => closesAt)];
    await tx.query(OPEN_WINDOWS, [new Date(), ...keys, projects, closings]);
  }
}

/** In one order for every transaction, so that two of them never wait for each other. */
function touchedWindows(events: readonly Logged[], watched: ReadonlyMap<string, Watched>): TouchedWindow[] {
  const windows = new Map<string, TouchedWindow>();
  for (const { data } of events) {
    const policy = watched.get(data.deployment)?.policy;
    if (!policy) continue;
    const { endpoint, project } = data;
    const bounds = windowOf(new Date(data.eventTime), policy.window);
    const closesAt = new Date(bounds.end.getTime() + policy.latenessSeconds * 1000);
    windows.set(windowKey(endpoint, bounds), { endpoint, project, ...bounds, closesAt });
  }
  return [...windows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, window]) => window);
}

function addAll(
  events: readonly Logged[],
  watched: ReadonlyMap<string, Watched>,
  stored: readonly TouchedPart[],
): TouchedPart[] {
  const known = new Map(stored.map((part) => [partKey(part), part]));
  const touched = new Map<string, TouchedPart>();
  for (const event of events) {
    const how = watched.get(event.data.deployment);
    if (!how) continue;
    const { endpoint, model, version, digest, eventTime } = event.data;
    const bounds = windowOf(new Date(eventTime), how.policy.window);
    const fresh = { endpoint, ...bounds, model, version, digest, reference: how.reference, state: emptyState() };
    const key = partKey(fresh);
    const part = touched.get(key) ?? known.get(key) ?? fresh;
    part.reference ??= how.reference;
    addPrediction(part.state, event, how.columns);
    touched.set(key, part);
  }
  return [...touched.values()];
}

function columnsOf(windows: readonly TouchedWindow[]): [endpoints: string[], starts: Date[], ends: Date[]] {
  return [windows.map(({ endpoint }) => endpoint), windows.map(({ start }) => start), windows.map(({ end }) => end)];
}

function windowKey(endpoint: string, { start, end }: WindowBounds): string {
  return `${endpoint} ${start.toISOString()} ${end.toISOString()}`;
}

function partKey(part: Pick<TouchedPart, 'endpoint' | 'start' | 'end' | 'model' | 'version'>): string {
  return `${windowKey(part.endpoint, part)} ${part.model}@${part.version}`;
}
