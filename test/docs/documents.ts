import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const generated = ['node_modules', 'dist', 'build', 'coverage', '.git']

/** The paths of the repository's Markdown files. */
export const documents: string[] = globSync('**/*.md', {
  cwd: root,
  exclude: (name) => generated.includes(name) || name.startsWith('cdk.out'),
}).sort()

/** The text of a file, by its path in the repository. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The path in the repository to which a document's link leads. */
export const fromDocument = (document: string, target: string): string => join(dirname(document), target)

/** The text of a document, or of its section under a second-level heading. */
const section = (document: string, heading?: string): string =>
  heading === undefined
    ? read(document)
    : (read(document)
        .split(/^## /m)
        .find((text) => text.startsWith(`${heading}\n`)) ?? '')

/** A fenced block of code. */
export interface CodeBlock {
  language: string
  /** The file that it shows, or changes if its language is `diff`: ```` ```ts lambdas/notify-shop.ts ````. */
  file: string | undefined
  text: string
  /** The schema in the comment `<!-- schema: FILE#POINTER -->` before it. FILE is relative to the document. */
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
