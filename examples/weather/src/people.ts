import type { BatonClient } from '@baton/client';
import type { Role } from '@baton/contracts';

/** Who takes part: each with a key of his own, as in a real team. */
export interface People {
  readonly scientist: BatonClient;
  readonly approver: BatonClient;
  readonly operator: BatonClient;
  readonly service: BatonClient;
  readonly auditor: BatonClient;
}

const expiresAfterMs = 24 * 3600 * 1000;

/** Makes a key for each of them, as an admin; they end by themselves after a day. */
export async function hire(admin: BatonClient): Promise<People> {
  const expiresAt = new Date(Date.now() + expiresAfterMs).toISOString();
  const person = async (name: string, role: Role) =>
    admin.as((await admin.registry.createKey({ name: `demo-${name}`, roles: [role], expiresAt })).key);
  return {
    scientist: await person('scientist', 'scientist'),
    approver: await person('approver', 'approver'),
    operator: await person('operator', 'operator'),
    service: await person('service', 'predictor'),
    auditor: await person('auditor', 'auditor'),
  };
}
