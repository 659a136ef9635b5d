import { NotModelled } from './aws-error.ts'
import { type Item, type Placeholders, Reader, type Value, valueAt } from './expressions.ts'

/** Sets the value at a path, or removes it. */
type Put = (path: readonly string[], value: Value | undefined) => void
type Write = (put: Put, before: Item) => void

const numberOf = (value: Value | undefined, reader: Reader): number => {
  if (value === undefined || !('N' in value)) throw reader.wrong('an operand is not a number')
  return Number(value.N)
}

function setOperand(reader: Reader): (before: Item) => Value {
  if (reader.next?.startsWith(':')) {
    const value = reader.value()
    return () => value
  }
  if (reader.took('IF_NOT_EXISTS')) {
    reader.expect('(')
    const path = reader.path()
    reader.expect(',')
    const fallback = setOperand(reader)
    reader.expect(')')
    return (before) => valueAt(before, path) ?? fallback(before)
  }
  if (reader.took('LIST_APPEND')) {
    reader.expect('(')
    const first = setOperand(reader)
    reader.expect(',')
    const second = setOperand(reader)
    reader.expect(')')
    return (before) => {
      const [a, b] = [first(before), second(before)]
      if (!('L' in a) || !('L' in b)) throw reader.wrong('list_append of what is not a list')
      return { L: [...a.L, ...b.L] }
    }
  }
  const path = reader.path()
  return (before) => {
    const value = valueAt(before, path)
    if (value === undefined) throw reader.wrong(`${path.join('.')} is not in the item`)
    return value
  }
}

function setClause(reader: Reader): Write {
  const path = reader.path()
  reader.expect('=')
  const first = setOperand(reader)
  const sign = reader.took('+') ? 1 : reader.took('-') ? -1 : undefined
  if (sign === undefined) return (put, before) => put(path, first(before))
  const second = setOperand(reader)
  return (put, before) => {
    const sum = numberOf(first(before), reader) + sign * numberOf(second(before), reader)
    put(path, { N: String(sum) })
  }
}

function removeClause(reader: Reader): Write {
  const path = reader.path()
  return (put) => put(path, undefined)
}

function addClause(reader: Reader): Write {
  const path = reader.path()
  const value = reader.value()
  return (put, before) => {
    const sum = numberOf(valueAt(before, path) ?? { N: '0' }, reader) + numberOf(value, reader)
    put(path, { N: String(sum) })
  }
}

const clauses = { SET: setClause, REMOVE: removeClause, ADD: addClause }

/** The item after an update: every clause sees the item as it was before. */
export function updated(before: Item, expression: string, placeholders: Placeholders): Item {
  const reader = new Reader(expression, placeholders)
  const writes: Write[] = []
  while (reader.next !== undefined) {
    const keyword = reader.take().toUpperCase()
    if (!(keyword in clauses)) throw new NotModelled(`${keyword} in an update`)
    const clause = clauses[keyword as keyof typeof clauses]
    do writes.push(clause(reader))
    while (reader.took(','))
  }
  const result = { ...before }
  const written = new Set<string>()
  const put: Put = ([name, ...rest], value) => {
    if (name === undefined || rest.length > 0) throw new NotModelled('Updates of nested attributes')
    if (written.has(name)) throw reader.wrong(`two document paths overlap: ${name}`)
    written.add(name)
    if (value === undefined) delete result[name]
    else result[name] = value
  }
  for (const write of writes) write(put, before)
  return result
}
