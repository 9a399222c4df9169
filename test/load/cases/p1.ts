import type { BenchCase } from '../bench-case.js';
import { rowsAgainst } from './small-model.js';

/** P1: everything on ≥ 12× FastAPI + onnxruntime at `write`, ≥ 7× at `sync`; off ≥ 14×. */
export const p1: BenchCase = {
  id: 'P1',
  title: 'a small model against FastAPI + uvicorn + onnxruntime, and against MLServer',
  run: async (context) => [
    ...(await rowsAgainst(context, 'P1', 'FastAPI', { off: 14, write: 12, sync: 7 })),
    ...(await rowsAgainst(context, 'P1', 'MLServer')),
  ],
};
