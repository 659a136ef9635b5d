import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { documents, fromDocument, prose, read } from './documents.ts'

const root = join(import.meta.dirname, '..', '..')

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsIn = (document: string): string[] =>
  [...prose(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))

const linksIn = (document: string): string[] =>
  [...prose(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)

const isLocal = (target: string): boolean => !/^[a-z]+:/.test(target)

test.each(documents)('every link in %s has a target', (document) => {
  const broken = linksIn(document)
    .filter(isLocal)
    .filter((target) => {
      const [file = '', anchor] = target.split('#')
      const path = file === '' ? document : fromDocument(document, file)
      if (!existsSync(join(root, path))) return true
      return anchor !== undefined && !anchorsIn(path).includes(anchor)
    })

  expect(broken).toEqual([])
})

test('the index of the documentation links to every document in docs', () => {
  const linked = (document: string) =>
    linksIn(document)
      .filter(isLocal)
      .map((target) => fromDocument(document, target.split('#')[0] ?? ''))
  const reachable = [...linked('docs/README.md'), ...linked('docs/adr/README.md')]

  const lonely = documents.filter((path) => path.startsWith('docs/') && !reachable.includes(path))
  expect(lonely).toEqual(['docs/README.md'])
})

test('the README fits on a few screens', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(151)
})
