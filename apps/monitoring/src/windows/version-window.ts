import type { FeatureDrift, VersionWindow } from '@baton/contracts';
import { featureDrifts } from '../drift/feature-drift.js';
import type { ReferenceProfile } from '../drift/reference-profile.js';
import { latencyQuantile } from './latency-histogram.js';
import { emptyState, mergeStates, type WindowState } from './window-state.js';

/** One partition's share of a window for one version. */
export interface WindowPart {
  partition: number;
  model: string;
  version: number;
  digest: string;
  /** SHA-256 of the reference rows that the cells of `state` belong to. */
  reference: string | null;
  state: WindowState;
}

/** All partitions' shares of one version, merged. */
export interface MergedVersion extends Omit<WindowPart, 'partition'> {
  state: WindowState;
}

/** Merges the parts of each version in the order of the partitions, so that the last digits come out the same too. */
export function mergeParts(parts: readonly WindowPart[]): MergedVersion[] {
  const versions = new Map<string, MergedVersion>();
  const inOrder = [...parts].sort(
    (a, b) => compare(a.model, b.model) || a.version - b.version || a.partition - b.partition,
  );
  for (const { model, version, digest, reference, state } of inOrder) {
    const key = `${model}@${version}`;
    const merged = versions.get(key) ?? { model, version, digest, reference, state: emptyState() };
    versions.set(key, {
      ...merged,
      reference: merged.reference ?? reference,
      state: mergeStates(merged.state, state),
    });
  }
  return [...versions.values()];
}

/**
 * What `window.closed` says of one version. The numbers are of what it answered; one that was only a shadow has none,
 * and its features are those of the shadow.
 */
export function versionWindow(merged: MergedVersion, reference: ReferenceProfile | undefined): VersionWindow {
  const { model, version, digest, state } = merged;
  return {
    model,
    version,
    digest,
    predictions: state.predictions,
    failures: state.failures,
    rows: state.rows,
    latencyP50Ms: latencyQuantile(state.latency, 0.5),
    latencyP99Ms: latencyQuantile(state.latency, 0.99),
    features: driftsOf(state.predictions > 0 ? state : (state.shadow ?? state), reference),
  };
}

function driftsOf(state: WindowState, reference: ReferenceProfile | undefined): FeatureDrift[] {
  const profiles = new Map(reference?.columns.map((column) => [column.name, column]));
  const features = Object.entries(state.features)
    .sort(([a], [b]) => compare(a, b))
    .map(([, { name, role, kind, column, summary }]) => {
      return { name, role, kind, summary, profile: column === undefined ? undefined : profiles.get(column) };
    });
  return featureDrifts(features);
}

/** Code unit order: the same on every machine. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
