import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Json, objectAt } from './describe.ts'
import { eventSchemas } from './event-schemas.ts'

/** Keywords that validate nothing. */
const annotations = ['$schema', '$id', 'title', 'description', 'examples']
/** Keywords that `breakingChanges` compares itself. */
const structure = ['properties', 'required', 'items', 'enum', 'const']

const listAt = (schema: Json, keyword: string): unknown[] => {
  const value = schema[keyword]
  return Array.isArray(value) ? value : []
}

/** The values that a schema enumerates. */
const valuesOf = (schema: Json): unknown[] => ('const' in schema ? [schema.const] : listAt(schema, 'enum'))

const text = (value: unknown) => JSON.stringify(value) ?? 'nothing'

/**
 * The changes that can break a listener written against a published JSON Schema, one sentence each. New fields and
 * new enum values do not count as breaking, because listeners ignore what they do not know.
 */
export function breakingChanges(published: Json, next: Json, path = 'The event'): string[] {
  const sentences: string[] = []

  const stillRequired = listAt(next, 'required')
  for (const name of listAt(published, 'required'))
    if (!stillRequired.includes(name))
      sentences.push(`${path} always had the field ${name}, which may be missing now.`)

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
    sentences.push(`${path} had a list of values and may have any now.`)
  else if (lost.length > 0) sentences.push(`${path} can no longer be ${lost.map(text).join(', ')}.`)
  else if (before.length === 0 && after.length > 0)
    sentences.push(`${path} could have any value and can only be ${after.map(text).join(', ')} now.`)

  for (const keyword of new Set([...Object.keys(published), ...Object.keys(next)])) {
    if (annotations.includes(keyword) || structure.includes(keyword)) continue
    const [was, is] = [published[keyword], next[keyword]]
    if (!isDeepStrictEqual(was, is))
      sentences.push(`${path} had the ${keyword} ${text(was)} and has ${text(is)} now.`)
  }
  return sentences
}

const eventFile = /^(\w+)\.schema\.json$/

/** Compares the events in the code with those published in docs/events. */
export function breakingEventChanges(root: string): string[] {
  const folder = join(root, 'docs', 'events')
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((file) => {
    const detailType = eventFile.exec(file)?.[1]
    if (detailType === undefined) return []
    const next = eventSchemas[detailType]
    if (next === undefined) return [`${detailType}: it is published and no longer sent.`]
    const published: Json = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    return breakingChanges(published, next).map((sentence) => `${detailType}: ${sentence}`)
  })
}
