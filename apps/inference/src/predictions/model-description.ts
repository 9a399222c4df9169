import type { TensorSignature } from '@baton/contracts';
import type { ChosenRoute } from './data-plane.js';

/** The server as the Open Inference Protocol describes it. */
export const serverDescription = {
  name: 'baton',
  version: '0.1.0',
  extensions: ['binary_tensor_data', 'classification', 'model_configuration', 'model_repository', 'statistics'],
};

/** A model as the Open Inference Protocol describes it, the same over REST and gRPC. */
export function describeModel({ served, route }: ChosenRoute) {
  return {
    name: served.plan.endpoint,
    versions: served.routes.map(({ route: { version } }) => String(version)),
    platform: 'onnx_onnxv1',
    inputs: route.inputs.map(toMetadata),
    outputs: route.outputs.map(toMetadata),
  };
}

function toMetadata({ name, datatype, shape }: TensorSignature) {
  return { name, datatype, shape };
}
