import { ValidateBy } from 'class-validator';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Allows `off` only where nobody but this machine can reach the service. */
export function OnLoopback(): PropertyDecorator {
  return ValidateBy({
    name: 'onLoopback',
    validator: {
      validate: (value, context) => {
        const { host } = context?.object as { host?: string };
        return value !== 'off' || LOOPBACK.includes(host ?? '');
      },
      defaultMessage: () => 'may be off only while HOST is a loopback address',
    },
  });
}
