// Read by the child program too, which Node runs from sources as well: erasable syntax only.
import type { TensorSignature } from '@baton/contracts';
import { ALIGNMENT, paddingOf } from './frames.ts';

/** What a model takes and gives, in the order in which tensors travel. */
export interface ModelSignature {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
}

/** A model and what it is to be. */
export interface LoadRequest {
  readonly signature: ModelSignature;
  readonly model: Uint8Array;
}

/** As pieces of a frame's body: u32 length of the signature, u32 nothing, the signature as JSON, padded, the model. */
export function encodeLoad({ signature, model }: LoadRequest): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(signature));
  const head = new Uint8Array(ALIGNMENT + json.byteLength + paddingOf(json.byteLength));
  new DataView(head.buffer).setUint32(0, json.byteLength, true);
  head.set(json, ALIGNMENT);
  return [head, model];
}

export function decodeLoad(body: Uint8Array): LoadRequest {
  const length = new DataView(body.buffer, body.byteOffset).getUint32(0, true);
  const json = Buffer.from(body.buffer, body.byteOffset + ALIGNMENT, length).toString();
  const model = body.subarray(ALIGNMENT + length + paddingOf(length));
  return { signature: JSON.parse(json) as ModelSignature, model };
}
