import { expect, test } from '@jest/globals'
import * as z from 'zod'
import { mutants } from '../simulation/mutants/all-mutants.ts'
import { loadMutants } from '../simulation/mutants/loads.ts'
import { fromDocument, read } from './documents.ts'

const rowsUnder = (heading: string, document = 'README.md'): string[] => {
  const section =
    read(document)
      .split(/^## /m)
      .find((text) => text.startsWith(heading)) ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('|---'))
    .slice(1)
}

test.each(rowsUnder('Evidence'))('the figures of "%s" are in the document that it links to', (row) => {
  const [, target = ''] = /\]\(([^)]+)\)/.exec(row) ?? []
  const figures = [...row.matchAll(/\*\*([^*]+)\*\*/g)].map(([, figure = '']) => figure)

  expect(figures.length).toBeGreaterThan(0)
  const measured = read(fromDocument('README.md', target))
  expect(figures.filter((figure) => !measured.includes(figure))).toEqual([])
})

test("the README's table of the API has every operation of openapi.json and no others", () => {
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(JSON.parse(read('openapi.json')))
  const methods = ['get', 'put', 'post', 'patch', 'delete']
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => methods.includes(key))
      .map((method) => `${method.toUpperCase()} ${path}`),
  )

  const listed = rowsUnder('The API').map((row) => /^\| `([^`]+)`/.exec(row)?.[1])
  expect(listed.sort()).toEqual(operations.sort())
})

test.each([
  ['Mutants', mutants],
  ['Loads', loadMutants],
])('the table under %s in docs/reliability.md has every mutant and no others', (heading, all) => {
  const listed = rowsUnder(heading, 'docs/reliability.md').map((row) => /^\| (.+?) \|/.exec(row)?.[1])
  expect(listed).toEqual(all.map(({ name }) => name))
})
