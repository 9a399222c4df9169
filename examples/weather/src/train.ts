import { parseArgs } from 'node:util';
import { train } from './training.js';
import { seattleDays, winterDays } from './weather.js';

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'model' }, until: { type: 'string', default: '2015-01-01' } },
});
const metrics = train(winterDays(seattleDays(), values.until), values.out);
console.log(JSON.stringify(metrics));
