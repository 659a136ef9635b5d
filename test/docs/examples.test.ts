import { join } from 'node:path'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import * as z from 'zod'
import { closed } from '../e2e/openapi-conformance.ts'
import { codeBlocks, documents, fromDocument, read } from './documents.ts'

const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)

/** What is wrong with a value by a schema, named as in a document: FILE or FILE#POINTER. */
function wrongBy(document: string, schema: string, value: unknown): string {
  const [file = '', pointer = ''] = schema.split('#')
  const path = fromDocument(document, file)
  if (!ajv.getSchema(path)) {
    const { $id, ...whole } = z.record(z.string(), z.unknown()).parse(closed(JSON.parse(read(path))))
    ajv.addSchema(whole, path)
  }
  const validate = ajv.getSchema(pointer ? `${path}#${pointer}` : path)
  if (!validate) return `There is no ${schema}.`
  return validate(value) ? '' : ajv.errorsText(validate.errors)
}

const examples = documents.flatMap((document) =>
  codeBlocks(document)
    .filter(({ language }) => ['json', 'http'].includes(language))
    .map((block, index) => ({ document, number: index + 1, ...block })),
)

test.each(examples)('example $number of $document is valid by the schema that it names', (example) => {
  const { document, language, schema, text } = example
  // Of an HTTP message the body counts, which an empty line separates from the headers.
  const body = language === 'http' ? text.slice(text.indexOf('\n\n')) : text

  expect(schema).toBeDefined()
  expect(wrongBy(document, schema ?? '', JSON.parse(body))).toBe('')
})

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')))

/** Every `npm run` in the documents: its script, and what comes after the dashes, up to a comment. */
const commands = documents.flatMap((document) =>
  [...read(document).matchAll(/npm run (?:--silent )?([\w-]+(?::[\w-]+)*)(?: -- ([^`"#\n]*))?/g)].map(
    ([, script = '', rest = '']) => ({ document, script, words: rest.split(/\s+/).filter(Boolean) }),
  ),
)

test('every npm run in the documents names a script of package.json', () => {
  const unknown = commands.filter(({ script }) => !Object.hasOwn(scripts, script))

  expect(commands.length).toBeGreaterThan(0)
  expect(unknown).toEqual([])
})

test("every operator's command in the documents exists, with its options", async () => {
  const uses = commands.flatMap(({ document, script, words }) => {
    const tool = /^node (ops\S+)$/.exec(scripts[script] ?? '')?.[1]
    return tool === undefined || words.length === 0 ? [] : [{ document, tool, words }]
  })
  const unknown: string[] = []
  for (const { document, tool, words } of uses) {
    const { program }: { program: CommandUnknownOpts } = await import(join('..', '..', tool))
    const [name = ''] = words.filter((word) => /^[a-z]+$/.test(word))
    const command =
      program.commands.length > 0 ? program.commands.find((each) => each.name() === name) : program
    const options = command?.options.map(({ long }) => long) ?? []
    const given = words.filter((word) => word.startsWith('--') && word !== '--help')
    if (given.some((option) => !options.includes(option)) || !command)
      unknown.push(`${document}: ${tool} ${words.join(' ')}`)
  }

  expect(uses.length).toBeGreaterThan(0)
  expect(unknown).toEqual([])
})
