/** An event pattern: fields nest, leaves are arrays of alternatives. */
export type EventPattern = Record<string, unknown>

type Matcher = (value: unknown) => boolean

const comparisons: Record<string, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])
const text =
  (test: (value: string) => boolean): Matcher =>
  (value) =>
    typeof value === 'string' && test(value)

/** `{"equals-ignore-case": "x"}` beside a plain string, in prefix and suffix. */
const affix = (operand: unknown, test: (value: string, affix: string) => boolean): Matcher => {
  if (typeof operand === 'string') return text((value) => test(value, operand))
  const ignoringCase = String((operand as EventPattern)['equals-ignore-case']).toLowerCase()
  return text((value) => test(value.toLowerCase(), ignoringCase))
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 's')

const operators: Record<string, (operand: unknown) => Matcher> = {
  prefix: (operand) => affix(operand, (value, prefix) => value.startsWith(prefix)),
  suffix: (operand) => affix(operand, (value, suffix) => value.endsWith(suffix)),
  'equals-ignore-case': (operand) => text((value) => value.toLowerCase() === String(operand).toLowerCase()),
  wildcard: (operand) => {
    const patterns = list(operand).map((pattern) => wildcard(String(pattern)))
    return text((value) => patterns.some((pattern) => pattern.test(value)))
  },
  numeric: (operand) => (value) => {
    const terms = list(operand)
    if (typeof value !== 'number') return false
    for (let i = 0; i < terms.length; i += 2)
      if (!comparisons[String(terms[i])]?.(value, Number(terms[i + 1]))) return false
    return true
  },
  exists: (operand) => (value) => (value !== undefined) === operand,
  'anything-but': (operand) => {
    const excluded = list(operand).map(alternative)
    return (value) => value !== undefined && !excluded.some((matches) => matches(value))
  },
}

const alternative = (pattern: unknown): Matcher => {
  if (typeof pattern !== 'object' || pattern === null) return (value) => value === pattern
  const [name = '', operand] = Object.entries(pattern)[0] ?? []
  const operator = operators[name]
  if (!operator) throw new Error(`local/ does not know the event pattern operator ${JSON.stringify(pattern)}`)
  return operator(operand)
}

/** An array in the event matches if one of its elements does. */
const leaf = (alternatives: unknown[]): Matcher => {
  const matchers = alternatives.map(alternative)
  return (value) => list(value).some((element) => matchers.some((matches) => matches(element)))
}

/**
 * A matcher for an EventBridge event pattern.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 *
 * @example
 * compilePattern({ source: ['orders'], 'detail-type': [{ prefix: 'ORDER_' }] })(event)
 */
export const compilePattern = (pattern: EventPattern): ((event: unknown) => boolean) => {
  const fields = Object.entries(pattern).map(([key, value]): Matcher => {
    if (key === '$or') {
      const options = list(value).map((option) => compilePattern(option as EventPattern))
      return (event) => options.some((matches) => matches(event))
    }
    const matches = Array.isArray(value) ? leaf(value) : compilePattern(value as EventPattern)
    return (event) => matches((event as EventPattern | undefined)?.[key])
  })
  return (event) => fields.every((matches) => matches(event))
}
