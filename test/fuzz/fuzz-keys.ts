import { createAccessKey } from '@baton/access';
import type { AccessKey, Role } from '@baton/contracts';
import { createHash } from 'node:crypto';

/** The same in every run, so that a case of one can be replayed in another. */
const SECRET = 'fuzzfuzzfuzzfuzzfuzzfuzzfuzzfuzzfuzzfuzzfuz';
const ids = { predictor: 'fuzzpredictor000', operator: 'fuzzoperator0000' } as const;

export const KEYS = { predictor: `baton_${ids.predictor}_${SECRET}`, operator: `baton_${ids.operator}_${SECRET}` };

/** What the registry would say of the keys. */
export function keyRecords(): AccessKey[] {
  return Object.entries(ids).map(([role, id]) => {
    const { record } = createAccessKey({ name: role, roles: [role as Role] });
    return { ...record, id, hash: createHash('sha256').update(SECRET).digest('hex') };
  });
}
