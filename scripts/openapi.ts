import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { brokenPromises } from './contract/broken-promises.ts'
import { publishedFiles } from './contract/published-files.ts'

/**
 * `npm run openapi` writes openapi.json, the JSON Schemas of the events and the types of the API's client, all
 * made from the code's own schemas; with `--check` it only says which of them are not current.
 */
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const root = join(import.meta.dirname, '..')

const broken = brokenPromises(root)
if (broken.length > 0) {
  console.error(broken.join('\n'))
  console.error('Changes of published events must be additive: publish another detail-type instead.')
  process.exit(1)
}

const stale = [...(await publishedFiles())].filter(([path, text]) => {
  const file = join(root, path)
  return !existsSync(file) || readFileSync(file, 'utf8') !== text
})
for (const [path, text] of stale) {
  if (!values.check) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  console.log(`${path} ${values.check ? 'is not current: npm run openapi' : 'written'}`)
}
if (values.check && stale.length > 0) process.exitCode = 1
else if (stale.length === 0) console.log('Everything is current.')
