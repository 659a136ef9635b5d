import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import packageJson from '../../package.json' with { type: 'json' }
import { codeBlocks } from '../docs/documents.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8')

/** The exports of a module of package/, each with the text of the module that declares it. */
function publicNames(file: string): [name: string, declaredIn: string][] {
  const text = read(file)
  const listed = [...text.matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(
    ([, list = '', from = '']) => {
      const source = read(dirname(file), from)
      const names = list.split(',').map((each) => each.replace(/\btype\b/, '').trim())
      return names.filter(Boolean).map((name): [string, string] => [name, source])
    },
  )
  const declared = [...text.matchAll(/^export (?:async )?(?:function|const|interface) (\w+)/gm)].map(
    ([, name = '']): [string, string] => [name, text],
  )
  return [...listed, ...declared]
}

const entries = Object.entries(packageJson.exports)
const every = entries.flatMap(([entry, file]) =>
  publicNames(file).map(([name, declaredIn]) => ({ entry, name, declaredIn })),
)
/** The imports of the package's names in examples and tests, each with its entry point. */
const imported = globSync('examples/*/{bin,lib,lambdas,vendors,test}/**/*.ts', { cwd: root }).flatMap(
  (file) =>
    [...read(file).matchAll(/import \{([^}]*)\} from 'create-order([^']*)'/g)].flatMap(([, list = '', of]) =>
      list.split(',').map((each) => `.${of} ${each.replace(/\btype\b/, '').trim()}`),
    ),
)

test('the public names are those in this list: changing it means a new version', () => {
  const names = every.map(({ entry, name }) => `${entry} ${name}`).sort()

  expect(names).toEqual(read('test', 'package', 'public-names.txt').trim().split('\n'))
})

test.each(every)('$name of $entry has a docstring', ({ name, declaredIn }) => {
  const declaration = `export (?:async )?(?:type|interface|const|function|class) ${name}\\b`

  expect(declaredIn).toMatch(new RegExp(`\\*/\\n(?:// .*\\n)?${declaration}`))
})

test.each(every)('$name of $entry is used in an example', ({ entry, name }) => {
  // A type that an application extends is not imported.
  const isMerged = read('examples', 'shop', 'lib', 'steps.ts').includes(`interface ${name} {`)

  expect(isMerged || imported.includes(`${entry} ${name}`)).toBe(true)
})

test.each(codeBlocks('docs/extending.md').filter(({ file }) => file !== undefined))(
  'docs/extending.md shows $file as it is',
  ({ file = '', text }) => {
    expect(text).toBe(read(file))
  },
)
