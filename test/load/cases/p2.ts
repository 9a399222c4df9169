import type { BenchCase } from '../bench-case.js';
import { rowsAgainst } from './small-model.js';

/** P2: everything on ≥ 3× bare ASGI + orjson at `write`, ≥ 2× at `sync`; off ≥ 3.5×. */
export const p2: BenchCase = {
  id: 'P2',
  title: 'a small model against bare ASGI + orjson + onnxruntime',
  run: (context) => rowsAgainst(context, 'P2', 'ASGI', { off: 3.5, write: 3, sync: 2 }),
};
