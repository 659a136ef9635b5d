import { isDeepStrictEqual } from 'node:util'
import { type Json, objectAt } from './describe.ts'

/** Keywords that only people read. */
const prose = ['$schema', '$id', 'title', 'description', 'examples']
/** Keywords that are compared part by part. */
const structure = ['properties', 'required', 'items', 'enum', 'const']

const listAt = (schema: Json, keyword: string): unknown[] => {
  const value = schema[keyword]
  return Array.isArray(value) ? value : []
}

/** The values that a schema names one by one. */
const valuesOf = (schema: Json): unknown[] => ('const' in schema ? [schema.const] : listAt(schema, 'enum'))

const text = (value: unknown) => JSON.stringify(value) ?? 'nothing'

/**
 * What a listener that was written against a published JSON Schema could stumble over in a new one: a
 * sentence each. New fields and new values of an enum are no breaking change: listeners ignore what they do
 * not know.
 */
export function breakingChanges(published: Json, next: Json, path = 'The event'): string[] {
  const sentences: string[] = []

  const stillThere = listAt(next, 'required')
  for (const name of listAt(published, 'required'))
    if (!stillThere.includes(name))
      sentences.push(`${path} promised its field ${name}, which may be missing now.`)

  const nextProperties = objectAt(next, 'properties')
  for (const name of Object.keys(objectAt(published, 'properties'))) {
    const field = `${path === 'The event' ? '' : `${path}.`}${name}`
    if (name in nextProperties)
      sentences.push(
        ...breakingChanges(
          objectAt(objectAt(published, 'properties'), name),
          objectAt(nextProperties, name),
          field,
        ),
      )
    else sentences.push(`${field} is gone.`)
  }

  if ('items' in published)
    sentences.push(...breakingChanges(objectAt(published, 'items'), objectAt(next, 'items'), `${path}[]`))

  const before = valuesOf(published)
  const after = valuesOf(next)
  const lost = before.filter((value) => !after.includes(value))
  if (before.length > 0 && after.length === 0)
    sentences.push(`${path} had named values and may be anything now.`)
  else if (lost.length > 0) sentences.push(`${path} can no longer be ${lost.map(text).join(', ')}.`)
  else if (before.length === 0 && after.length > 0)
    sentences.push(`${path} could be anything and is only ${after.map(text).join(', ')} now.`)

  for (const keyword of new Set([...Object.keys(published), ...Object.keys(next)])) {
    if (prose.includes(keyword) || structure.includes(keyword)) continue
    const [was, is] = [published[keyword], next[keyword]]
    if (!isDeepStrictEqual(was, is))
      sentences.push(`${path} had the ${keyword} ${text(was)} and has ${text(is)} now.`)
  }
  return sentences
}
