import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '..')
const { dependencies, devDependencies, engines } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)
const declared = Object.keys({ ...dependencies, ...devDependencies })

/** What follows `from`, `import` or `import(` at the beginning of a line. */
const imports = /^(?:(?:import|export)\b[^'"`;=]*?from |import |.*\bawait import\()'([^'.$][^']*)'/gm

test.each(['bench', 'bin', 'lambdas', 'lib', 'local', 'ops', 'package', 'scripts', 'test', 'vendors'])(
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

/** Whether a version is in a range such as `^20.19.0 || >=22`, of comparators that must all hold. */
function satisfies(version: readonly number[], range: string): boolean {
  const isAtLeast = (least: readonly number[]) => {
    const index = [0, 1, 2].find((each) => version[each] !== (least[each] ?? 0))
    return index === undefined || (version[index] ?? 0) > (least[index] ?? 0)
  }
  return range.split('||').some((comparators) =>
    [...comparators.matchAll(/(>=|\^|~|)\s*(\d[\d.]*|\*)/g)].every(([, operator, number = '']) => {
      const least = number === '*' ? [] : number.split('.').filter(Boolean).map(Number)
      return isAtLeast(least) && (operator === '>=' || number === '*' || version[0] === least[0])
    }),
  )
}

test.each([
  [22, 12, 0],
  [22, 99, 0],
  [24, 0, 0],
  [99, 0, 0],
])('what npm ci installs runs on the Node.js that package.json promises: %i.%i.%i', (...version) => {
  const lock: { packages: Record<string, { optional?: boolean; engines?: { node?: string } }> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  // What is optional npm leaves out without a word.
  const refusing = Object.entries(lock.packages).filter(
    ([, { optional, engines: { node = '*' } = {} }]) => !optional && !satisfies(version, node),
  )

  expect(satisfies(version, engines.node)).toBe(true)
  expect(refusing.map(([name]) => name)).toEqual([])
})

test('the README promises the same Node.js as package.json', () => {
  expect(engines.node).toBe('^22.12.0 || >=24')
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(
    'You need npm with Node.js 22.12 or newer, but not 23.',
  )
})

test.each([
  ['>=22', [20, 20, 2], false],
  ['^20.19.0 || ^22.13.0 || >=23.5.0', [22, 12, 0], false],
  ['^20.19.0 || ^22.13.0 || >=23.5.0', [22, 13, 0], true],
  ['18 || 20 || >=22', [21, 0, 0], false],
  ['14 >=14.17', [14, 16, 0], false],
  ['6.* || >= 10.*', [22, 0, 0], true],
  ['*', [1, 0, 0], true],
])('the range %s holds %j: %j', (range, version, isIn) => {
  expect(satisfies(version, range)).toBe(isIn)
})
