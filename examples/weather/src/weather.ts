import { parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';

/** What is measured of a day, in the order in which the model takes it: mm, °C, °C, m/s. */
export const features = ['precipitation', 'temp_max', 'temp_min', 'wind'] as const;
export type Feature = (typeof features)[number];

/** The kinds of weather in the data, in the order of the model's probabilities. */
export const kinds = ['drizzle', 'fog', 'rain', 'snow', 'sun'] as const;
export type Kind = (typeof kinds)[number];

/** One day in Seattle. */
export interface Day {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly values: readonly number[];
  readonly kind: Kind;
}

/** Daily weather of Seattle, 2012–2015 (NOAA, public domain), as the npm package `vega-datasets` carries it. */
export function seattleDays(): Day[] {
  const file = new URL('../data/seattle-weather.csv', import.meta.resolve('vega-datasets'));
  const rows = parse<Record<string, string>>(readFileSync(file), { columns: true });
  return rows.map((row) => ({
    date: String(row['date']),
    values: features.map((feature) => Number(row[feature])),
    kind: kinds.find((kind) => kind === row['weather']) ?? unknownKind(row['weather']),
  }));
}

function unknownKind(kind: string | undefined): never {
  throw new Error(`the weather data knows no kind "${String(kind)}": one of ${kinds.join(', ')} was expected`);
}

/** December to February before `until`: what the model is trained on. */
export function winterDays(days: readonly Day[], until: string): Day[] {
  return days.filter((day) => day.date < until && ['12', '01', '02'].includes(day.date.slice(5, 7)));
}

/** Days of the months from `from` (inclusive) to `to` (exclusive), both `YYYY-MM`. */
export function daysBetween(days: readonly Day[], from: string, to: string): Day[] {
  return days.filter((day) => day.date.slice(0, 7) >= from && day.date.slice(0, 7) < to);
}
