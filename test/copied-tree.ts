import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { CodeBlock } from './docs/documents.ts'

const root = join(import.meta.dirname, '..')

/** The lines of a block that its reader has to write. */
export const addedLines = ({ language, text }: CodeBlock): number =>
  text.split('\n').filter((line) => (language === 'diff' ? line.startsWith('+') : line !== '')).length

/** Applies a diff whose hunks, separated by `@@`, are found by their text. */
function patched(original: string, diff: string): string {
  return diff.split(/^@@.*\n/m).reduce((text, hunk) => {
    const lines = hunk.split('\n').filter((line) => line !== '')
    const without = (mark: string) =>
      lines.filter((line) => !line.startsWith(mark)).map((line) => `${line.slice(1)}\n`)
    const before = without('+').join('')
    if (text.split(before).length !== 2) throw new Error(`Not there once, but to be changed:\n${before}`)
    return text.replace(before, () => without('-').join(''))
  }, original)
}

/** What a command of a copied tree said, and how it ended. */
export interface Ended {
  exitCode: number
  output: string
}

/** A copy of the working tree in a folder of its own, without what is built, with the same packages. */
export async function copyTree() {
  const folder = await mkdtemp(join(tmpdir(), 'create-order-copy-'))
  const isLeft = (path: string) => /^(node_modules|dist|coverage|cdk\.out.*|\.git)$/.test(basename(path))
  await cp(root, folder, { recursive: true, filter: (path) => path === root || !isLeft(path) })
  for (const packages of ['node_modules', 'scripts/client/node_modules'])
    await symlink(join(root, packages), join(folder, packages))

  const edit = async (file: string, change: (text: string) => string) =>
    writeFile(join(folder, file), change(await readFile(join(folder, file), 'utf8')))

  return {
    folder,
    /** Changes a file that is there. */
    edit,
    /**
     * Does what a guide says.
     * @throws {Error} where its block does not name a file, or the file is not as the guide thinks
     */
    apply: async ({ language, file, text }: CodeBlock): Promise<void> => {
      if (file === undefined) throw new Error(`Whose lines are these?\n${text}`)
      if (language === 'diff') await edit(file, (original) => patched(original, text))
      else await writeFile(join(folder, file), text, { flag: 'wx' })
    },
    /** Runs a command of the packages, or `node`, in the copy. */
    run: (command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
      new Promise((resolve) => {
        const PATH = `${join(folder, 'node_modules', '.bin')}:${process.env.PATH}`
        const options = {
          cwd: folder,
          env: { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0', PATH, ...env },
          maxBuffer: 2 ** 26,
        }
        execFile(command, args, options, (error, stdout, stderr) =>
          resolve({ exitCode: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
        )
      }),
    remove: () => rm(folder, { recursive: true }),
  }
}
/** See {@link copyTree}. */
export type CopiedTree = Awaited<ReturnType<typeof copyTree>>
