import { fileURLToPath } from 'node:url';

/** Path of the Open Inference Protocol's definition: package `inference`, service `GRPCInferenceService`. */
export const inferenceProto = fileURLToPath(new URL('../proto/inference/inference.proto', import.meta.url));
