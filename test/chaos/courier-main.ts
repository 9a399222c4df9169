import { Sender, startCourier, type CourierOptions } from './courier.js';

/** A courier as a process: says the facts up to a number, and receives until it is killed. */
const { facts, ...options } = JSON.parse(String(process.argv[2])) as CourierOptions & { facts: number };
const { app } = await startCourier(options);
const sender = app.get(Sender);
for (let n = 1; n <= facts; n += 1) {
  for (;;) {
    try {
      await sender.say(n);
      break;
    } catch {
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}
