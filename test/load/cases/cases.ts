import type { BenchCase } from '../bench-case.js';
import { p1 } from './p1.js';
import { p10 } from './p10.js';
import { p14 } from './p14.js';
import { p16 } from './p16.js';
import { p18 } from './p18.js';
import { p2 } from './p2.js';
import { p3 } from './p3.js';
import { p5 } from './p5.js';
import { p6 } from './p6.js';
import { p7 } from './p7.js';
import { p8 } from './p8.js';
import { p9 } from './p9.js';

/** In the order in which they run. */
export const cases: readonly BenchCase[] = [p1, p2, p3, p5, p6, p7, p8, p9, p10, p14, p16, p18];
