const FORM = /^(\d{1,8})([HMSmun])$/;
const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** Milliseconds of a `grpc-timeout` ("gRPC over HTTP/2", Timeout); undefined for one that is not of its form. */
export function readTimeout(text: string): number | undefined {
  const [, amount, unit = ''] = FORM.exec(text) ?? [];
  const ms = unitMs[unit];
  return amount === undefined || ms === undefined ? undefined : Number(amount) * ms;
}
