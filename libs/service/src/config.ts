import { logLevels, type LogLevel } from '@baton/telemetry';
import { IsIn, IsInt, IsString, Max, Min, validateSync } from 'class-validator';
import 'reflect-metadata';

const LIST = Symbol('comma-separated list');

/** Says how a field is read from its variable. `list`: items between commas. */
export function Env(options: { readonly list: true }): PropertyDecorator {
  return (target, field) => Reflect.defineMetadata(LIST, options.list, target, field);
}

/** What every service takes from the environment. Fields in camelCase are variables in UPPER_SNAKE. */
export abstract class ServiceConfig {
  /** Address to listen on. */
  @IsString()
  host = '127.0.0.1';

  /** Port of the REST interface; 0 takes any free one. */
  @IsInt()
  @Min(0)
  @Max(65_535)
  port: number;

  @IsIn(logLevels)
  logLevel: LogLevel = 'info';

  /** How long a service that stops goes on answering, and tells its callers to go elsewhere, while any are connected. */
  @IsInt()
  @Min(0)
  @Max(600_000)
  drainMs = 1000;

  /** How long requests in flight may take to finish when the service stops. */
  @IsInt()
  @Min(0)
  @Max(600_000)
  shutdownTimeoutMs = 10_000;
}

/** Thrown when the environment does not fit; names the variables and what they must be, never their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads a configuration class from the environment: numbers, booleans and comma-separated lists by the declared type.
 * An empty variable counts as unset.
 * @throws ConfigError
 */
export function loadConfig<C extends object>(Config: new () => C, env: NodeJS.ProcessEnv = process.env): C {
  const config = new Config();
  const textOf = (field: string) => env[variableName(field)]?.trim() ?? '';
  for (const field of Object.keys(config)) {
    const text = textOf(field);
    if (text !== '') Object.assign(config, { [field]: convert(config, field, text) });
  }
  const problems = validateSync(config, { forbidUnknownValues: false }).map((error) => {
    const wants = Object.values(error.constraints ?? {}).map((rule) => withoutName(rule, error.property));
    const state = textOf(error.property) === '' ? 'is not set and' : '';
    return `  ${[variableName(error.property), state, wants.join(', ')].filter(Boolean).join(' ')}`;
  });
  if (problems.length > 0) throw new ConfigError(`the environment does not fit:\n${problems.join('\n')}`);
  return config;
}

/** `shutdownTimeoutMs` is `SHUTDOWN_TIMEOUT_MS`. */
export function variableName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** "port must be …" without its first word: people know the variable, not the field. */
function withoutName(rule: string, field: string): string {
  return rule.replace(new RegExp(`^${field} `), '').replace(` in ${field} `, ' ');
}

function convert(config: object, field: string, text: string): unknown {
  const type: unknown = Reflect.getMetadata('design:type', config, field);
  // The compiler writes down the type of a field only where it is declared, not where a default implies it.
  const standard: unknown = (config as Record<string, unknown>)[field];
  if (type === Number || typeof standard === 'number') return Number(text);
  if (type === Boolean || typeof standard === 'boolean') return booleanOf(text);
  if (type === Array || Reflect.hasMetadata(LIST, config, field)) return itemsOf(text);
  return text;
}

function booleanOf(text: string): boolean | string {
  if (['true', '1', 'yes'].includes(text.toLowerCase())) return true;
  if (['false', '0', 'no'].includes(text.toLowerCase())) return false;
  return text;
}

function itemsOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
