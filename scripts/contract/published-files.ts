import { clientTypes } from '../client/types.ts'
import type { Json } from './describe.ts'
import { openApiDocument } from './document.ts'
import { eventSchemas } from './event-schemas.ts'

const print = (document: Json): string => `${JSON.stringify(document, null, 2)}\n`

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
