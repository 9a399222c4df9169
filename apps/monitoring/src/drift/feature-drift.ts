import type { FeatureDrift } from '@baton/contracts';
import { mergeCells, type Cells } from './cells.js';
import { driftThreshold } from './drift-threshold.js';
import type { FeatureSummary } from './feature-summary.js';
import { psi } from './psi.js';
import type { ColumnProfile } from './reference-profile.js';

/** With fewer values than this, in the window or in the reference, nothing is said: four cells would be too many. */
const LEAST_VALUES = 20;

/** How often a window without drift may still be called drifted, over all features of a version together. */
const FALSE_ALARM_RATE = 0.01;

/** A feature of a version as it is watched: `profile` is absent when the reference says nothing comparable of it. */
export interface WatchedFeature {
  name: string;
  role: 'input' | 'output';
  kind: 'numeric' | 'categorical';
  profile?: ColumnProfile;
}

/** How far each feature moved from its reference. The false-alarm rate is shared among them (Bonferroni). */
export function featureDrifts(features: readonly (WatchedFeature & { summary: FeatureSummary })[]): FeatureDrift[] {
  const compared = features.filter((feature) => feature.profile).length;
  return features.map((feature) => featureDrift(feature, FALSE_ALARM_RATE / Math.max(1, compared)));
}

function featureDrift(
  { name, role, kind, profile, summary }: WatchedFeature & { summary: FeatureSummary },
  falseAlarmRate: number,
): FeatureDrift {
  const { n, missing, outOfRange } = summary;
  const seen = { name, role, kind, n, missing, outOfRange, method: 'psi' };
  const reference = profile?.n ?? 0;
  const cells = profile && n >= LEAST_VALUES && reference >= LEAST_VALUES ? cellsOf(profile, summary) : undefined;
  const threshold = driftThreshold({
    cells: cells?.reference.length ?? 2,
    n: Math.max(n, LEAST_VALUES),
    reference: Math.max(reference, LEAST_VALUES),
    falseAlarmRate,
  });
  if (!cells) return { ...seen, threshold, drifted: false };
  const statistic = psi(cells.reference, cells.current);
  return { ...seen, statistic, threshold, drifted: statistic >= threshold };
}

function cellsOf(profile: ColumnProfile, summary: FeatureSummary): Cells | undefined {
  if (summary.counts.length !== profile.counts.length) return undefined;
  if (profile.counts.length === 1) return rangeCells(profile, summary);
  const cells = { reference: profile.counts, current: summary.counts };
  return mergeCells(cells, profile.kind === 'numeric' ? 'neighbours' : 'pool');
}

/** A column that had one value throughout has no bins to compare; whether it still has that value can be asked. */
function rangeCells(profile: ColumnProfile, { n, outOfRange }: FeatureSummary): Cells {
  return { reference: [profile.n, 0], current: [n - outOfRange, outOfRange] };
}
