import { startLedger, type LedgerOptions } from '../integration/messaging/ledger.js';
import { EffectConsumer } from './effects.js';

const MODELS = 3;

/** Publishes and consumes until it is killed. Started again, it goes on where the database says it was. */
const { changes, ...options } = JSON.parse(process.argv[2] ?? '{}') as LedgerOptions & { changes: number };
process.on('disconnect', () => process.exit());

const ledger = await startLedger({ ...options, controllers: [EffectConsumer] });
for (;;) {
  const [row] = await ledger.database.manager.query<{ total: number }[]>(
    'select coalesce(sum(revision), 0)::int as total from alias',
  );
  const total = row?.total ?? 0;
  if (total >= changes) break;
  await ledger.change(`model-${total % MODELS}`);
}
