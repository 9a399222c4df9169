import { describe, expect, it } from 'vitest';
import { exportHeaders, telemetryConfig, tracesUrl } from './config.js';

describe("telemetry's configuration", () => {
  it('is off, and keeps everything, unless told', () => {
    expect(telemetryConfig({})).toEqual({ endpoint: undefined, ratio: 1, problems: [] });
    expect(telemetryConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_TRACES_SAMPLER_ARG: '' }).problems).toEqual([]);
  });

  it.each([
    ['0', 0],
    ['0.01', 0.01],
    ['1', 1],
  ])('keeps the share %s', (text, ratio) => {
    expect(telemetryConfig({ OTEL_TRACES_SAMPLER_ARG: text }).ratio).toBe(ratio);
  });

  it.each(['-1', '1.5', 'half', 'NaN'])('leaves out the share %s and says so', (text) => {
    const { ratio, problems } = telemetryConfig({ OTEL_TRACES_SAMPLER_ARG: text });
    expect(ratio).toBe(1);
    expect(problems.join()).toContain('OTEL_TRACES_SAMPLER_ARG');
  });

  it.each(['collector:4318', 'grpc://collector:4317', 'hush'])(
    'leaves out the address %s without telling it',
    (text) => {
      const { endpoint, problems } = telemetryConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: text });
      expect(endpoint).toBeUndefined();
      expect(problems.join()).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
      expect(problems.join()).not.toContain(text);
    },
  );

  it.each([
    ['http://collector:4318', 'http://collector:4318/v1/traces'],
    ['http://collector:4318/', 'http://collector:4318/v1/traces'],
    ['https://host/otlp/', 'https://host/otlp/v1/traces'],
    ['https://host/otlp?tenant=a', 'https://host/otlp/v1/traces?tenant=a'],
  ])('sends the traces of %s to %s', (endpoint, url) => {
    expect(tracesUrl(endpoint)).toBe(url);
  });

  it('reads the headers that the collector wants, and passes over what is none', () => {
    const general = 'Authorization=Bearer%20a=b, x-tenant = one,=none,bare,bad=%zz';
    const env = { OTEL_EXPORTER_OTLP_HEADERS: general, OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=two' };
    expect(exportHeaders(env)).toEqual({ authorization: 'Bearer a=b', 'x-tenant': 'two' });
    expect(exportHeaders({})).toEqual({});
  });
});
