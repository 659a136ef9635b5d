import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { detailTypes } from '../../lambdas/domain/events.ts'
import { clientTypes } from '../client/types.ts'
import { breakingChanges } from './additive.ts'
import type { Json } from './describe.ts'
import { openApiDocument } from './document.ts'
import { eventSchema } from './event-schemas.ts'

const eventFile = /^(\w+)\.schema\.json$/
const print = (document: Json): string => `${JSON.stringify(document, null, 2)}\n`
const eventSchemas: Record<string, Json> = Object.fromEntries(
  Object.values(detailTypes).map((detailType) => [detailType, eventSchema(detailType)]),
)

/** Everything that is made from the schemas of the code: each file's text by its path in the repository. */
export async function publishedFiles(): Promise<Map<string, string>> {
  const openApi = print(openApiDocument)
  return new Map([
    ['openapi.json', openApi],
    ['test/e2e/orders-api.d.ts', await clientTypes(openApi)],
    ...Object.entries(eventSchemas).map(([detailType, schema]): [string, string] => [
      `docs/events/${detailType}.schema.json`,
      print(schema),
    ]),
  ])
}

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
