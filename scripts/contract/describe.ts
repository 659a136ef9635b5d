import type * as z from 'zod/mini'

/** A JSON Schema, or another JSON object of a document. */
export interface Json {
  [keyword: string]: unknown
}

/** The documentation of a field: a sentence, and JSON Schema keywords for checks that zod cannot express as such. */
export type FieldDocs = string | ({ description: string } & Json)

/** A schema with a description of it and of each of its fields. */
export interface DescribedSchema {
  schema: z.ZodMiniType
  description: string
  fields: Record<string, FieldDocs>
}

/** Adds descriptions to an object's schema. It does not compile if a field is not described or does not exist. */
export const describe = <Shape extends z.core.$ZodShape>(
  schema: z.ZodMiniObject<Shape>,
  description: string,
  fields: { [Field in keyof Shape & string]: FieldDocs },
): DescribedSchema => ({ schema, description, fields })

/** Whether a value is a JSON object. */
export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object at a key, or an empty object. */
export const objectAt = (json: Json, key: string): Json => {
  const value = json[key]
  return isJson(value) ? value : {}
}

/** The JSON Schema of a described schema, with the descriptions in it. */
export function withDescriptions(
  jsonSchema: Json,
  { description, fields }: Omit<DescribedSchema, 'schema'>,
): Json {
  const properties = Object.entries(objectAt(jsonSchema, 'properties')).map(([name, property]) => {
    const docs = fields[name]
    const described = typeof docs === 'string' ? { description: docs } : docs
    return [name, { ...(isJson(property) && property), ...described }]
  })
  const { type, ...rest } = jsonSchema
  return { type, description, ...rest, properties: Object.fromEntries(properties) }
}
