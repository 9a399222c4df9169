import { ConfigError, loadConfig } from '@baton/service';
import { describe, expect, it } from 'vitest';
import { DeploymentConfig } from './config.js';

const least = {
  DATABASE_URL: 'postgres://deployment:secret@localhost/baton',
  KAFKA_BROKERS: 'a:9092, b:9092',
  SIGNING_KEY_FILE: 'deployment.pem',
  TRUSTED_REGISTRY_KEY_FILE: 'registry.pub.pem',
};

describe('DeploymentConfig', () => {
  it('needs no more than addresses and keys', () => {
    expect(loadConfig(DeploymentConfig, least)).toMatchObject({
      port: 4200,
      kafkaBrokers: ['a:9092', 'b:9092'],
      kafkaPrefix: '',
      rolloutTimeoutSeconds: 300,
      minReplicas: 1,
      replicaStaleSeconds: 30,
    });
  });

  it.each(Object.keys(least))('does not start without %s, and names it', (name) => {
    const start = () => loadConfig(DeploymentConfig, { ...least, [name]: undefined });

    expect(start).toThrow(ConfigError);
    expect(start).toThrow(name);
  });
});
