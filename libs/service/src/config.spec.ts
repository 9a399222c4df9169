import { ArrayNotEmpty, IsBoolean, IsInt, IsOptional, IsString, Min } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { ConfigError, Env, loadConfig, ServiceConfig } from './config.js';

class TestConfig extends ServiceConfig {
  @IsString()
  databaseUrl: string;

  @Env({ list: true })
  @ArrayNotEmpty()
  kafkaBrokers: string[];

  @IsInt()
  @Min(1)
  poolSize = 10;

  @IsBoolean()
  verbose = false;

  @IsOptional()
  @IsString()
  note?: string;
}

const complete = { PORT: '4100', DATABASE_URL: 'postgres://u:geheim@h/d', KAFKA_BROKERS: 'a:1, b:2,' };

describe('configuration', () => {
  it('reads numbers, booleans and lists by the declared type, and keeps defaults', () => {
    const config = loadConfig(TestConfig, { ...complete, VERBOSE: 'true', POOL_SIZE: '3', NOTE: '' });
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4100,
      kafkaBrokers: ['a:1', 'b:2'],
      poolSize: 3,
      verbose: true,
      shutdownTimeoutMs: 10_000,
    });
    expect(config.note).toBeUndefined();
  });

  it('names every variable that is wrong or missing', () => {
    const read = () => loadConfig(TestConfig, { PORT: 'many', POOL_SIZE: '0', VERBOSE: 'perhaps' });
    expect(read).toThrow(ConfigError);
    for (const name of ['PORT', 'DATABASE_URL', 'KAFKA_BROKERS', 'POOL_SIZE', 'VERBOSE']) expect(read).toThrow(name);
  });

  it.each([
    ['PORT', 'many', 'PORT must not be greater than 65535, must not be less than 0, must be an integer number'],
    ['PORT', '70000', 'PORT must not be greater than 65535'],
    ['PORT', ' ', 'PORT is not set and must'],
    ['DATABASE_URL', '', 'DATABASE_URL is not set and must be a string'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of the following values: debug, info, warn, error'],
    ['VERBOSE', 'perhaps', 'VERBOSE must be a boolean value'],
    ['KAFKA_BROKERS', ' , ', 'KAFKA_BROKERS should not be empty'],
  ])('says what %s=%s should have been', (name, value, message) => {
    expect(() => loadConfig(TestConfig, { ...complete, [name]: value })).toThrow(message);
  });

  it('never tells a value', () => {
    const read = () => loadConfig(TestConfig, { ...complete, PORT: 'hush-hush' });
    expect(read).toThrow(/PORT/);
    expect(read).not.toThrow(/hush-hush|geheim/);
  });

  it.each([
    ['true', true],
    ['1', true],
    ['YES', true],
    ['false', false],
    ['0', false],
    ['no', false],
  ])('takes %s for a boolean', (text, value) => {
    expect(loadConfig(TestConfig, { ...complete, VERBOSE: text }).verbose).toBe(value);
  });
});
