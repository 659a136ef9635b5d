import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { clientTypes } from './client/types.ts'
import { breakingEventChanges } from './contract/breaking-changes.ts'
import type { Json } from './contract/describe.ts'
import { eventSchemas } from './contract/event-schemas.ts'
import { withExits } from './contract/exits.ts'
import { openApiDocument } from './contract/openapi-document.ts'
import { optionsOf } from './options.ts'

const { check } = optionsOf(
  new Command('node scripts/openapi.ts')
    .description(
      "Generates openapi.json, the JSON Schemas of the events, the types of the API's client and the table of exits in docs/operations.md from the code.",
    )
    .option('--check', 'only report which of them are not current'),
)
const root = join(import.meta.dirname, '..')

const breaking = breakingEventChanges(root)
if (breaking.length > 0) {
  console.error(breaking.join('\n'))
  console.error('Changes of published events must be additive: publish another detail-type instead.')
  process.exit(1)
}

const print = (document: Json): string => `${JSON.stringify(document, null, 2)}\n`
const openApi = print(openApiDocument)
/** The text of each generated file, keyed by its path in the repository. */
const generated = {
  'openapi.json': openApi,
  'test/e2e/orders-api.d.ts': await clientTypes(openApi),
  'docs/operations.md': await withExits(readFileSync(join(root, 'docs', 'operations.md'), 'utf8')),
  ...Object.fromEntries(
    Object.entries(eventSchemas).map(([detailType, schema]) => [
      `docs/events/${detailType}.schema.json`,
      print(schema),
    ]),
  ),
}

const stale = Object.entries(generated).filter(([path, text]) => {
  const file = join(root, path)
  return !existsSync(file) || readFileSync(file, 'utf8') !== text
})
for (const [path, text] of stale) {
  if (!check) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  console.log(`${path} ${check ? 'is not current: npm run openapi' : 'written'}`)
}
if (check && stale.length > 0) process.exitCode = 1
else if (stale.length === 0) console.log('Everything is current.')
