import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { catalogue, eventTypes, type EventType } from './catalogue.js';
import { schemaUri } from './envelope.js';
import { nullableFieldsOf } from './nullable.js';

/** A JSON Schema (2020-12); only the keywords that are generated here are named. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string | string[];
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  [keyword: string]: unknown;
}

/** The JSON Schema of every event's payload, made from the validators of its class. */
export function eventSchemas(): Record<EventType, JsonSchema> {
  const classes = validationMetadatasToSchemas({
    classTransformerMetadataStorage: defaultMetadataStorage,
    refPointerPrefix: '#/$defs/',
    additionalConverters: {
      isUuid: { type: 'string', format: 'uuid' },
      isIso8601: { type: 'string', format: 'date-time' },
    },
  }) as unknown as Record<string, JsonSchema>;
  for (const [name, schema] of Object.entries(classes)) allowNull(schema, nullableFieldsOf(name));
  return Object.fromEntries(eventTypes.map((type) => [type, eventSchema(type, classes)])) as Record<
    EventType,
    JsonSchema
  >;
}

function eventSchema(type: EventType, classes: Record<string, JsonSchema>): JsonSchema {
  const { payload, says } = catalogue[type];
  const root = classes[payload.name] ?? {};
  const used = new Map<string, JsonSchema>();
  collect(root, classes, used);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: schemaUri(type),
    title: payload.name,
    description: says,
    ...root,
    ...(used.size > 0 ? { $defs: Object.fromEntries([...used].sort(([a], [b]) => (a < b ? -1 : 1))) } : {}),
  };
}

function collect(schema: JsonSchema, classes: Record<string, JsonSchema>, used: Map<string, JsonSchema>): void {
  const name = schema.$ref?.split('/').at(-1);
  const target = name === undefined ? undefined : classes[name];
  if (name !== undefined && target && !used.has(name)) {
    used.set(name, target);
    collect(target, classes, used);
  }
  for (const nested of [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])]) {
    collect(nested, classes, used);
  }
}

function allowNull(schema: JsonSchema, fields: ReadonlySet<string>): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (!fields.has(name) || typeof property.type !== 'string') continue;
    property.type = [property.type, 'null'];
    schema.required = [...(schema.required ?? []), name];
  }
}
