import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/**
 * A JSON value as DynamoDB's attribute: what util-dynamodb makes of it with `removeUndefinedValues` and
 * `convertClassInstanceToMap`, without asking of every text whether it is one of sixteen sorts of binary.
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
export function marshall(document: object): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {}
  for (const [key, value] of Object.entries(document))
    if (value !== undefined) attributes[key] = attributeOf(value)
  return attributes
}
