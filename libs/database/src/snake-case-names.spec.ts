import { describe, expect, it } from 'vitest';
import { SnakeCaseNames } from './snake-case-names.js';

describe('column names', () => {
  it.each([
    ['createdAt', undefined, [], 'created_at'],
    ['id', undefined, [], 'id'],
    ['sha256Sum', undefined, [], 'sha256_sum'],
    ['modelURL', undefined, [], 'model_url'],
    ['urlOfModel', undefined, [], 'url_of_model'],
    ['createdAt', 'made_at', [], 'made_at'],
    ['createdAt', 'madeAt', [], 'madeAt'],
    ['unitPrice', undefined, ['billTo'], 'bill_to_unit_price'],
  ])('of %s, called %s in %j, are %s', (property, custom, prefixes, name) => {
    expect(new SnakeCaseNames().columnName(property, custom, prefixes)).toBe(name);
  });

  it('of tables and references are snake_case too', () => {
    expect(new SnakeCaseNames().tableName('ModelVersion', undefined)).toBe('model_version');
    expect(new SnakeCaseNames().joinColumnName('modelVersion', 'id')).toBe('model_version_id');
  });
});
