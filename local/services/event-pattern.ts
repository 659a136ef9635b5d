type Matcher = (value: unknown) => boolean

/** A field matches if one of its values is there; an array in the event, if one of its elements is. */
const field = (pattern: unknown): Matcher => {
  if (!Array.isArray(pattern)) return compilePattern(pattern as object)
  const operator = pattern.find((each) => typeof each === 'object' && each !== null)
  if (operator) throw new Error(`local/ does not know the event pattern ${JSON.stringify(operator)}`)
  return (value) => [value].flat().some((element) => pattern.includes(element))
}

/**
 * A matcher for an EventBridge event pattern: fields nest, leaves are arrays of values.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 *
 * @example
 * compilePattern({ source: ['orders'], 'detail-type': ['ORDER_CREATED', 'ORDER_CANCELLED'] })(event)
 * @throws {Error} for an operator that is not emulated
 */
export const compilePattern = (pattern: object): ((event: unknown) => boolean) => {
  const fields = Object.entries(pattern).map(([key, value]): Matcher => {
    const matches = field(value)
    return (event) => matches((event as Record<string, unknown> | undefined)?.[key])
  })
  return (event) => fields.every((matches) => matches(event))
}
