type Matcher = (value: unknown) => boolean

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])

const operators: Record<string, (operand: unknown) => Matcher> = {
  prefix: (operand) => (value) => typeof value === 'string' && value.startsWith(String(operand)),
  exists: (operand) => (value) => (value !== undefined) === operand,
}

const alternative = (pattern: unknown): Matcher => {
  if (typeof pattern !== 'object' || pattern === null) return (value) => value === pattern
  const [name = '', operand] = Object.entries(pattern)[0] ?? []
  const operator = operators[name]
  if (!operator || typeof operand === 'object')
    throw new Error(`local/ does not know the event pattern ${JSON.stringify(pattern)}`)
  return operator(operand)
}

/** A field matches if one of its alternatives does; an array in the event, if one of its elements does. */
const field = (pattern: unknown): Matcher => {
  if (!Array.isArray(pattern)) return compilePattern(pattern as object)
  const alternatives = pattern.map(alternative)
  return (value) => list(value).some((element) => alternatives.some((matches) => matches(element)))
}

/**
 * A matcher for an EventBridge event pattern: fields nest, leaves are arrays of alternatives.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 *
 * @example
 * compilePattern({ source: ['orders'], 'detail-type': [{ prefix: 'ORDER_' }] })(event)
 * @throws {Error} for an operator that is not emulated
 */
export const compilePattern = (pattern: object): ((event: unknown) => boolean) => {
  const fields = Object.entries(pattern).map(([key, value]): Matcher => {
    const matches = field(value)
    return (event) => matches((event as Record<string, unknown> | undefined)?.[key])
  })
  return (event) => fields.every((matches) => matches(event))
}
