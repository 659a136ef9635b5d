import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '..')
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const declared = Object.keys({ ...dependencies, ...devDependencies })

/** What follows `from`, `import` or `import(` at the beginning of a line. */
const imports = /^(?:(?:import|export)\b[^'"`;=]*?from |import |.*\bawait import\()'([^'.][^']*)'/gm

test.each(['bench', 'bin', 'lambdas', 'lib', 'local', 'ops', 'scripts', 'test', 'vendors'])(
  '%s imports only packages that package.json names',
  (folder) => {
    const files = globSync(`${folder}/**/*.ts`, { cwd: root }).filter(
      // A package of its own.
      (file) => !file.startsWith(join('scripts', 'client')),
    )

    const imported = files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(imports)].map(([, path = '']) => path),
    )

    const packages = imported
      .filter((path) => !isBuiltin(path))
      .map((path) => path.split('/', path.startsWith('@') ? 2 : 1).join('/'))
    // Types only, from @types.
    const known = [...declared, ...declared.map((name) => name.replace('@types/', ''))]
    expect(packages.length).toBeGreaterThan(0)
    expect(packages.filter((name) => !known.includes(name))).toEqual([])
  },
)
