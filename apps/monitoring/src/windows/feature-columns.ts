import { featureCount, featureNames, type EndpointPolicy, type TensorSignature } from '@baton/contracts';
import type { WatchedFeature } from '../drift/feature-drift.js';
import type { ColumnProfile, ReferenceProfile } from '../drift/reference-profile.js';

/** A tensor with more values per row (an image, say) is not watched value by value. */
const MAX_FEATURES = 1000;
const NAMELESS = new Set(['BYTES', 'BOOL']);

/** Where the values of a watched feature are found in a prediction's tensors: every `width`th from `index` on. */
export interface FeatureColumn extends WatchedFeature {
  /** Of the feature in a window's state: an input and an output may share a name. */
  key: string;
  tensor: string;
  index: number;
  width: number;
}

/** What the registry says of a version. */
export interface VersionSignature {
  inputs: readonly TensorSignature[];
  outputs: readonly TensorSignature[];
  /** Names of the input features in their order. */
  features: readonly string[];
}

/**
 * The features of a version that can be watched: those that are logged in full. The first output with one value per
 * row is held against the reference's `prediction`, unless the reference has a column of the output's own name.
 */
export function featureColumns(
  version: VersionSignature,
  policy: Pick<EndpointPolicy, 'logging' | 'features'>,
  reference: ReferenceProfile | undefined,
): FeatureColumn[] {
  const profiles = new Map(reference?.columns.map((column) => [column.name, column]));
  const inputs = columnsOf(version.inputs, version.features, 'input', (name) => profiles.get(name));
  const answer = version.outputs.find((output) => featureCount(output) === 1)?.name;
  const outputs = columnsOf(version.outputs, featureNames(version.outputs), 'output', (name) => {
    return profiles.get(name) ?? (name === answer ? profiles.get('prediction') : undefined);
  });
  return [...inputs, ...outputs].filter(({ name }) => (policy.features[name] ?? policy.logging) === 'full');
}

function columnsOf(
  tensors: readonly TensorSignature[],
  names: readonly string[],
  role: 'input' | 'output',
  profileOf: (name: string) => ColumnProfile | undefined,
): FeatureColumn[] {
  const fallback = featureNames(tensors);
  let first = 0;
  return tensors.flatMap((tensor) => {
    const width = featureCount(tensor) ?? 0;
    const from = first;
    first += width;
    if (width > MAX_FEATURES) return [];
    return Array.from({ length: width }, (_, index) => {
      const name = names[from + index] ?? fallback[from + index] ?? tensor.name;
      const profile = comparable(profileOf(name), tensor);
      const kind = profile?.kind ?? (NAMELESS.has(tensor.datatype) ? 'categorical' : 'numeric');
      return { key: `${role}/${name}`, name, role, kind, profile, tensor: tensor.name, index, width };
    });
  });
}

/** Numbers in the log say nothing about names in the reference: somebody encoded them on the way. */
function comparable(profile: ColumnProfile | undefined, tensor: TensorSignature): ColumnProfile | undefined {
  return profile?.kind === 'categorical' && !NAMELESS.has(tensor.datatype) ? undefined : profile;
}
