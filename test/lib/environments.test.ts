import { expect, test } from '@jest/globals'
import { templateText } from './templates.ts'

type Leaves = Map<string, unknown>

/** Every value of a template by its path, with the environment's own name taken out of the text. */
function leavesOf(assembly: 'dev' | 'staging' | 'prod', kind: 'stateful' | 'stateless'): Leaves {
  const text = templateText(assembly, kind)
    .replaceAll(`create-order-${assembly}`, 'create-order-ENV')
    .replaceAll(`createorder${assembly}`, 'createorderENV')
  const leaves: Leaves = new Map()
  const visit = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) leaves.set(path, value)
    else for (const [key, child] of Object.entries(value)) visit(child, `${path}/${key}`)
  }
  visit(JSON.parse(text).Resources, '')
  return leaves
}

/** The paths at which two environments differ, without the hashes of logical ids. */
function differences(one: 'dev' | 'staging', other: 'staging' | 'prod', kind: 'stateful' | 'stateless') {
  const [left, right] = [leavesOf(one, kind), leavesOf(other, kind)]
  const paths = [...new Set([...left.keys(), ...right.keys()])]
  return new Set(
    paths
      .filter((path) => left.get(path) !== right.get(path))
      .map((path) => path.replace(/^\/([A-Za-z]+?)[0-9A-F]{8}[^/]*/, '$1').replace('/Properties', '')),
  )
}

test('dev and staging hold the same things, for a different time', () => {
  console.log(
    differences('dev', 'staging', 'stateful'),
    differences('dev', 'staging', 'stateless'),
    differences('staging', 'prod', 'stateful'),
    differences('staging', 'prod', 'stateless'),
  )
})
