import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import * as z from 'zod'
import { createOrderctl } from '../../ops/orderctl.ts'
import { closed } from '../e2e/openapi-conformance.ts'
import { codeBlocks, documents, fromDocument, read } from './documents.ts'

const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)

/** Validates a value. Returns the errors, or ''. `schema` is FILE or FILE#POINTER, as in the document. */
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

test.each(examples)('example $number of $document is valid against the schema that it names', (example) => {
  const { document, language, schema, text } = example
  // Of an HTTP message only the body is validated; an empty line separates it from the headers.
  const body = language === 'http' ? text.slice(text.indexOf('\n\n')) : text

  expect(schema).toBeDefined()
  expect(wrongBy(document, schema ?? '', JSON.parse(body))).toBe('')
})

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')))

/** The files that may mention commands: documents, sources, workflows and editor settings. */
const written = [
  ...documents,
  ...globSync(
    [
      '{ops,bench,local,lib,lambdas,scripts,bin}/**/*.{ts,js}',
      '.github/**/*.{md,yml,yaml}',
      '.vscode/*.json',
    ],
    {
      cwd: join(import.meta.dirname, '..', '..'),
      exclude: (name) => name === 'node_modules',
    },
  ),
]

test('every npm script that is mentioned anywhere exists in package.json', () => {
  const uses = written.flatMap((file) =>
    [...read(file).matchAll(/npm run (?:--[\w-]+ )*([\w-]+(?::[\w-]+)*)/g)].map(([, script = '']) => ({
      file,
      script,
    })),
  )

  expect(uses.length).toBeGreaterThan(0)
  expect(uses.filter(({ script }) => !Object.hasOwn(scripts, script))).toEqual([])
})

/** The words of every `npx orderctl …` in these files. */
const commands = written.flatMap((file) =>
  [...read(file).matchAll(/npx orderctl ([^`"#\n|)(<$:,]*)/g)].map(([, rest = '']) => ({
    file,
    words: rest
      .replaceAll(/'[^']*'/g, 'text')
      .split(/\s+/)
      .filter(Boolean),
  })),
)

test('every orderctl command that is mentioned anywhere exists, with its options', async () => {
  const unknown: string[] = []
  for (const { file, words } of commands) {
    const [name = '', subcommand = '', ...rest] = words
    const tool: CommandUnknownOpts | undefined = (await createOrderctl(name)).commands.find(
      (each) => each.name() === name,
    )
    const command = tool?.commands.length
      ? tool.commands.find((each) => each.name() === subcommand || subcommand === '')
      : tool
    const options = ['--help', ...(command?.options.map(({ long }) => long) ?? [])]
    const given = [subcommand, ...rest]
      .filter((word) => word.startsWith('--'))
      .map((word) => word.split('=')[0] ?? '')
    if (!command || given.some((option) => !options.includes(option)))
      unknown.push(`${file}: ${words.join(' ')}`)
  }

  expect(commands.length).toBeGreaterThan(20)
  expect(unknown).toEqual([])
})

test('no npm script except jest is mentioned with options, which npm may consume itself', () => {
  const withOptions = /npm (start|run (?!jest)[\w:-]+)(?: --)? (?:-- ?)?-/

  expect(written.filter((file) => withOptions.test(read(file)))).toEqual([])
})

test('the same speed is mentioned everywhere', () => {
  const speeds = written.flatMap((file) =>
    [...read(file).matchAll(/orderctl start --speed (\d+)|"--speed", "(\d+)"/g)].map(
      ([, words, argument]) => words ?? argument,
    ),
  )

  expect(speeds.length).toBeGreaterThan(2)
  expect(new Set(speeds)).toEqual(new Set(['20']))
})
