/** As much of JSON Schema as our document speaks. */
export interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
}

export interface Operation {
  summary?: string;
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: "path" | "query"; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
}

export interface OpenApi {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
}

/** Every operation of the document: `GET /calls/{uuid}` and so on. */
export function operationsOf({ paths }: OpenApi): { method: string; path: string; operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

export function resolve(schema: Schema, document: OpenApi): Schema {
  if (!schema.$ref) return schema;
  const named = document.components.schemas[schema.$ref.replace("#/components/schemas/", "")];
  if (!named) throw new Error(`The document has no ${schema.$ref}`);
  return resolve(named, document);
}

const FORMATS: Record<string, RegExp> = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  "date-time": /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
};

/** Where a value is not what the schema says, in words; empty where it is. */
export function faultsOf(value: unknown, written: Schema, document: OpenApi, at = "$"): string[] {
  const schema = resolve(written, document);
  if (schema.anyOf) {
    const tried = schema.anyOf.map((one) => faultsOf(value, one, document, at));
    return tried.some((faults) => faults.length === 0) ? [] : (tried[0] ?? []);
  }
  if (schema.enum && !schema.enum.includes(value))
    return [`${at} is ${JSON.stringify(value)}, none of ${schema.enum.join(", ")}`];
  if ("const" in schema && schema.const !== value) return [`${at} is not ${schema.const}`];
  if (schema.type && !isOfType(value, schema.type)) return [`${at} is ${JSON.stringify(value)}, no ${schema.type}`];
  if (typeof value === "string") {
    const format = schema.format && FORMATS[schema.format];
    return format && !format.test(value) ? [`${at} is no ${schema.format}`] : [];
  }
  if (Array.isArray(value))
    return value.flatMap((item, index) =>
      schema.items ? faultsOf(item, schema.items, document, `${at}[${index}]`) : [],
    );
  if (value === null || typeof value !== "object" || !schema.properties) return [];
  const { properties, required = [], additionalProperties } = schema;
  const missing = required.filter((key) => !(key in value)).map((key) => `${at}.${key} is missing`);
  const inside = Object.entries(value).flatMap(([key, item]) => {
    const property = properties[key];
    if (property) return faultsOf(item, property, document, `${at}.${key}`);
    return additionalProperties === false ? [`${at}.${key} is not in the schema`] : [];
  });
  return [...missing, ...inside];
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return value !== null && typeof value === "object" && !Array.isArray(value);
  return typeof value === type;
}
