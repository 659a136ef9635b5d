import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { breakingChanges } from './additive.ts'
import type { Json } from './describe.ts'
import { eventSchemas } from './event-schemas.ts'

const eventFile = /^(\w+)\.schema\.json$/

/** What listeners of the events as they are published could stumble over in the events as the code has them. */
export function brokenPromises(root: string): string[] {
  const folder = join(root, 'docs', 'events')
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((file) => {
    const detailType = eventFile.exec(file)?.[1]
    if (detailType === undefined) return []
    const next = eventSchemas[detailType]
    if (next === undefined) return [`${detailType}: it is published, and no longer sent.`]
    const published: Json = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    return breakingChanges(published, next).map((sentence) => `${detailType}: ${sentence}`)
  })
}
