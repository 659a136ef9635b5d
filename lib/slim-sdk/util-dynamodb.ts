import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/**
 * Stands in for `@aws-sdk/util-dynamodb` in the bundles (see plugin.ts): documents of JSON, as all of ours are,
 * without asking of every text whether it is one of sixteen sorts of binary.
 */
type Attributes = Record<string, AttributeValue>

/**
 * A JSON value as DynamoDB's attribute: what util-dynamodb makes of it with `removeUndefinedValues` and
 * `convertClassInstanceToMap`.
 * @throws {TypeError} for what JSON does not have, and for numbers beyond the safe integers
 */
function attributeOf(value: unknown): AttributeValue {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'boolean') return { BOOL: value }
  if (value === null) return { NULL: true }
  if (Array.isArray(value)) return { L: value.filter((each) => each !== undefined).map(attributeOf) }
  if (typeof value === 'object') return { M: marshall(value) }
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return { N: `${value}` }
  throw new TypeError(`${String(value)} cannot be stored`)
}

/**
 * A document as an item's attributes, without what is undefined.
 * @throws {TypeError} see {@link attributeOf}
 */
export function marshall(document: object): Attributes {
  const attributes: Attributes = {}
  for (const [key, value] of Object.entries(document))
    if (value !== undefined) attributes[key] = attributeOf(value)
  return attributes
}

/** A number, or its text where a JavaScript number would be another one: no schema of a number takes that. */
const numberOf = (text: string): number | string =>
  Math.abs(Number(text)) <= Number.MAX_SAFE_INTEGER ? Number(text) : text

/** An attribute as a JSON value. Binaries and sets, which JSON does not have, stay as they are. */
function jsonOf(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S
  if (attribute.N !== undefined) return numberOf(attribute.N)
  if (attribute.M !== undefined) return unmarshall(attribute.M)
  if (attribute.L !== undefined) return attribute.L.map(jsonOf)
  if (attribute.BOOL !== undefined) return attribute.BOOL
  return attribute.NULL ? null : attribute
}

/** An item's attributes as a document. */
export function unmarshall(attributes: Attributes): Record<string, unknown> {
  const document: Record<string, unknown> = {}
  for (const key in attributes) document[key] = jsonOf(attributes[key] as AttributeValue)
  return document
}
