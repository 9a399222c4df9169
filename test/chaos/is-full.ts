/** Whole lengths, and how long things may take is asserted: by hand, on a machine that does nothing else. */
export const isFull = process.env['BATON_FULL'] === '1';
