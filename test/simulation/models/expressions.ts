import { AwsError, NotModelled } from './aws-error.ts'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html, the types that we use. */
export type Value =
  | { S: string }
  | { N: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { M: Item }
  | { L: Value[] }
/** An item, or a map in an item, in DynamoDB's JSON. */
export type Item = { [name: string]: Value }

/** The values of an expression's placeholders, and the placeholders that it uses. */
export interface Placeholders {
  names: Record<string, string>
  values: Item
  used: Set<string>
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html */
const token = /\s*([A-Za-z_][\w]*|#\w+|:\w+|<>|<=|>=|[=<>(),.+\-[\]]|\d+)/y

function tokensOf(expression: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  const { length } = expression.trimEnd()
  while (token.lastIndex < length) {
    const at = token.lastIndex
    const match = token.exec(expression)
    if (!match?.[1]) throw new NotModelled(`Cannot read the expression at ${at}: ${expression}`)
    tokens.push(match[1])
  }
  return tokens
}

/** The tokens of one expression, read from left to right. */
export class Reader {
  readonly #tokens: string[]
  readonly #expression: string
  readonly placeholders: Placeholders
  #at = 0

  constructor(expression: string, placeholders: Placeholders) {
    this.#tokens = tokensOf(expression)
    this.#expression = expression
    this.placeholders = placeholders
  }

  get next(): string | undefined {
    return this.#tokens[this.#at]
  }

  take(): string {
    const taken = this.#tokens[this.#at++]
    if (taken === undefined) throw this.wrong('it ends too early')
    return taken
  }

  /** Consumes the next token if it is one of these; keywords match in any case. */
  took(...wanted: string[]): boolean {
    const found = wanted.some((word) => word === this.next?.toUpperCase())
    if (found) this.#at++
    return found
  }

  expect(wanted: string): void {
    if (!this.took(wanted)) throw this.wrong(`${wanted} expected before ${this.next ?? 'its end'}`)
  }

  wrong(why: string): AwsError {
    return new AwsError('ValidationException', `Invalid expression: ${why}; ${this.#expression}`)
  }

  path(): string[] {
    const path = [this.#name()]
    while (this.took('.')) path.push(this.#name())
    if (this.next === '[') throw new NotModelled(`List indexes: ${this.#expression}`)
    return path
  }

  #name(): string {
    const name = this.take()
    if (!name.startsWith('#')) {
      if (!/^[A-Za-z_]/.test(name)) throw this.wrong(`${name} is not a name`)
      return name
    }
    this.placeholders.used.add(name)
    const value = this.placeholders.names[name]
    if (value === undefined) throw this.wrong(`the name ${name} is not defined`)
    return value
  }

  value(): Value {
    const name = this.take()
    this.placeholders.used.add(name)
    const value = this.placeholders.values[name]
    if (value === undefined) throw this.wrong(`the value ${name} is not defined`)
    return value
  }
}

/** The value at a path of an item. */
export function valueAt(item: Item, path: readonly string[]): Value | undefined {
  let value: Value | undefined = { M: item }
  for (const name of path) {
    if (value === undefined || !('M' in value)) return undefined
    value = value.M[name]
  }
  return value
}

/** Compares two values; undefined if their types differ or have no order. */
export function compare(a: Value, b: Value): number | undefined {
  if ('S' in a && 'S' in b) return a.S < b.S ? -1 : a.S > b.S ? 1 : 0
  if ('N' in a && 'N' in b) return Number(a.N) - Number(b.N)
  if ('BOOL' in a && 'BOOL' in b) return a.BOOL === b.BOOL ? 0 : undefined
  if ('NULL' in a && 'NULL' in b) return 0
  if ('M' in a || 'L' in a || 'M' in b || 'L' in b) throw new NotModelled('Comparing maps and lists')
  return undefined
}

type Operand = (item: Item) => Value | undefined
type Condition = (item: Item) => boolean

const comparators: Record<string, (order: number | undefined) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order !== undefined && order < 0,
  '<=': (order) => order !== undefined && order <= 0,
  '>': (order) => order !== undefined && order > 0,
  '>=': (order) => order !== undefined && order >= 0,
}

function operand(reader: Reader): Operand {
  if (reader.next?.startsWith(':')) {
    const value = reader.value()
    return () => value
  }
  const path = reader.path()
  return (item) => valueAt(item, path)
}

function primary(reader: Reader): Condition {
  if (reader.took('(')) {
    const inner = disjunction(reader)
    reader.expect(')')
    return inner
  }
  if (reader.took('NOT')) {
    const inner = primary(reader)
    return (item) => !inner(item)
  }
  for (const [name, exists] of [
    ['ATTRIBUTE_EXISTS', true],
    ['ATTRIBUTE_NOT_EXISTS', false],
  ] as const)
    if (reader.took(name)) {
      reader.expect('(')
      const path = reader.path()
      reader.expect(')')
      return (item) => (valueAt(item, path) !== undefined) === exists
    }
  const left = operand(reader)
  const comparator = reader.take()
  const holds = comparators[comparator]
  if (!holds) throw new NotModelled(`The function or operator ${comparator} in a condition`)
  const right = operand(reader)
  return (item) => {
    const [a, b] = [left(item), right(item)]
    if (a === undefined || b === undefined) return comparator === '<>' && a !== b
    return holds(compare(a, b))
  }
}

function conjunction(reader: Reader): Condition {
  const deps = [primary(reader)]
  while (reader.took('AND')) deps.push(primary(reader))
  return (item) => deps.every((holds) => holds(item))
}

function disjunction(reader: Reader): Condition {
  const deps = [conjunction(reader)]
  while (reader.took('OR')) deps.push(conjunction(reader))
  return (item) => deps.some((holds) => holds(item))
}

/** Parses a condition expression. */
export function conditionOf(expression: string, placeholders: Placeholders): Condition {
  const reader = new Reader(expression, placeholders)
  const condition = disjunction(reader)
  if (reader.next !== undefined) throw reader.wrong(`unexpected ${reader.next}`)
  return condition
}

/** Throws, as AWS does, if a placeholder is not used. */
export function assertAllUsed({ names, values, used }: Placeholders): void {
  const unused = [...Object.keys(names), ...Object.keys(values)].filter((name) => !used.has(name))
  if (unused.length > 0)
    throw new AwsError('ValidationException', `Value unused in expressions: ${unused.join(', ')}`)
}
