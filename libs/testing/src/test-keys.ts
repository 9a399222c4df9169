import { createAccessKey } from '@baton/access';
import { roles, type AccessKey, type Role } from '@baton/contracts';
import { EventProducer, MessagingOptions } from '@baton/messaging';
import type { TestKafka } from './test-kafka.js';

/** `Authorization` headers by role. */
export type TestKeys = Readonly<Record<Role, { authorization: string }>>;

export interface MadeKey {
  readonly key: string;
  readonly record: AccessKey;
}

/** Makes a key and puts it on `access.key`, as the registry does. */
export async function publishKey(
  kafka: TestKafka,
  { role, project = null, name = role }: { role: Role; project?: string | null; name?: string },
): Promise<MadeKey> {
  const made = createAccessKey({ name, roles: [role], project, expiresAt: null });
  await publish(kafka, [made.record]);
  return made;
}

/** A key for each role, good for every project. */
export async function testKeys(kafka: TestKafka): Promise<TestKeys> {
  const made = roles.map((role) =>
    createAccessKey({ name: `test-${role}`, roles: [role], project: null, expiresAt: null }),
  );
  await publish(
    kafka,
    made.map(({ record }) => record),
  );
  return Object.fromEntries(
    roles.map((role, index) => [role, { authorization: `Bearer ${String(made[index]?.key)}` }]),
  ) as unknown as TestKeys;
}

async function publish(kafka: TestKafka, records: AccessKey[]): Promise<void> {
  const producer = new EventProducer(new MessagingOptions({ service: 'registry', ...kafka, outbox: false }));
  try {
    await producer.send(records.map((data) => ({ type: 'access.key', data })));
  } finally {
    await producer.onModuleDestroy();
  }
}
