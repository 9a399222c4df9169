import type { Connection } from './connection.js';
import { DeploymentClient } from './deployment-client.js';
import { ServiceClient } from './http.js';
import { InferenceClient } from './inference-client.js';
import { MonitoringClient } from './monitoring-client.js';
import { RegistryClient } from './registry-client.js';

/** Baton's REST interface, typed. Every call is on the caller's trace. */
export class BatonClient {
  readonly registry: RegistryClient;
  readonly deployment: DeploymentClient;
  readonly inference: InferenceClient;
  readonly monitoring: MonitoringClient;

  constructor(readonly connection: Connection) {
    const { key } = connection;
    this.registry = new RegistryClient(new ServiceClient(connection.registry, key));
    this.deployment = new DeploymentClient(new ServiceClient(connection.deployment, key));
    this.inference = new InferenceClient(new ServiceClient(connection.inference, key));
    this.monitoring = new MonitoringClient(new ServiceClient(connection.monitoring, key));
  }

  /** The same platform as somebody else. */
  as(key: string): BatonClient {
    return new BatonClient({ ...this.connection, key });
  }
}
