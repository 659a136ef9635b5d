import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const generated = ['node_modules', 'dist', 'build', 'coverage', '.git']

/** The Markdown files of the repository, by their paths in it. */
export const documents: string[] = globSync('**/*.md', {
  cwd: root,
  exclude: (name) => generated.includes(name) || name.startsWith('cdk.out'),
}).sort()

/** A file of the repository, or of a document's folder, as text. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Where a link in a document leads, as a path in the repository. */
export const fromDocument = (document: string, target: string): string => join(dirname(document), target)

/** A document, or what is under one of its headings of the second level. */
const section = (document: string, heading?: string): string =>
  heading === undefined
    ? read(document)
    : (read(document)
        .split(/^## /m)
        .find((text) => text.startsWith(`${heading}\n`)) ?? '')

/** A fenced block of code. */
export interface CodeBlock {
  language: string
  /** The file that it is, or (in the language `diff`) changes: ```` ```ts lambdas/notify-shop.ts ````. */
  file: string | undefined
  text: string
  /** What the comment `<!-- schema: FILE#POINTER -->` before it says, the file relative to the document. */
  schema: string | undefined
}

const fence = /(?:<!-- schema: (\S+) -->\n)?^([ \t]*)```(\w*)(?: (\S+))?\n(.*?)^\2```$/gms

/** The fenced blocks of a document, or of one of its sections, in order. */
export const codeBlocks = (document: string, heading?: string): CodeBlock[] =>
  [...section(document, heading).matchAll(fence)].map(([, schema, , language = '', file, text = '']) => ({
    language,
    file,
    text,
    schema,
  }))

/** A document without its fenced blocks. */
export const prose = (document: string): string => read(document).replaceAll(fence, '')
