import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/**
 * Replaces what stands between `<!-- name -->` and `<!-- /name -->` in a document.
 * @throws {Error} where the document has no such place
 */
export function writeSection(file: string, name: string, text: string): void {
  const path = join(root, file)
  const before = readFileSync(path, 'utf8')
  const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`)
  if (!place.test(before)) throw new Error(`${file} has no place for ${name}.`)
  writeFileSync(
    path,
    before.replace(place, (_all, start, end) => `${start}${text}\n${end}`),
  )
}
