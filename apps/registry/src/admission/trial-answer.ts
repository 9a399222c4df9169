/** A tensor as the runtime names it; -1 for an open dimension. */
export interface TrialTensor {
  readonly name: string;
  /** As `float32`; `not a tensor` for sequences and maps. */
  readonly type: string;
  readonly shape: number[];
}

/** What a model turned out to be. */
export interface TrialResult {
  readonly inputs: TrialTensor[];
  readonly outputs: TrialTensor[];
  /** Operator set version by domain. */
  readonly opset: Record<string, number>;
}

/** What the trial program says: the result, why the scan refuses the model, or what the runtime said. */
export type TrialAnswer = TrialResult | { readonly refused: string } | { readonly error: string };
