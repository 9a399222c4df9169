import { fileURLToPath } from 'node:url';

/** Path of the Open Inference Protocol's definition: package `inference`, service `GRPCInferenceService`. */
export const inferenceProto = fileURLToPath(new URL('../proto/inference/inference.proto', import.meta.url));

/** Path of the model repository as MLServer's clients know it: package `inference.model_repository`. */
export const modelRepositoryProto = fileURLToPath(
  new URL('../proto/inference/model_repository.proto', import.meta.url),
);
