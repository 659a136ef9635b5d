import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type CodeBlock, codeBlocks } from './docs/documents.ts'

const root = join(import.meta.dirname, '..')

/** A block of a guide that names its file: a file of its own, or a diff of one that is there. */
export type Snippet = CodeBlock & { file: string }

/** The blocks of a guide's section that name their file. */
export const snippetsOf = (guide: string, heading: string): Snippet[] =>
  codeBlocks(guide, heading).flatMap(({ file, ...block }) => (file === undefined ? [] : { ...block, file }))

/** The lines of a block that its reader has to write. */
export const addedLines = ({ language, text }: Snippet): number =>
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

const templateTests =
  'adoption|config|environments|function-environment|lanes|observability|operators|permissions|queue-worker|stateful-stack|synthesis'

/** What passes after each documented change: a name, and its command. */
export const checks: readonly [name: string, command: string, args: string[]][] = [
  ['type check', 'tsc', ['--noEmit']],
  ['lint', 'biome', ['ci', '--error-on-warnings', '.']],
  [
    'template tests',
    'node',
    [
      ...['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--maxWorkers=1'],
      ...['--selectProjects=lib', `--testPathPatterns=test/lib/(${templateTests})`],
    ],
  ],
]
/** What holds the sizes of bundles and the calls of AWS for an order, where something plays each of its vendors. */
export const gate: (typeof checks)[number] = ['gate', 'node', ['bench/gate.ts']]

/** What a command of a copied tree said, and how it ended. */
export interface Ended {
  exitCode: number
  output: string
}

/** A copy of the working tree in a folder of its own, without what is built, with the same packages. */
export async function copyTree() {
  const folder = await mkdtemp(join(tmpdir(), 'create-order-copy-'))
  const isLeft = (path: string) =>
    /^(node_modules|dist|build|coverage|cdk\.out.*|\.git)$/.test(basename(path))
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
     * @throws {Error} where a file is not as the guide thinks
     */
    apply: async ({ language, file, text }: Snippet): Promise<void> => {
      if (language === 'diff') return edit(file, (original) => patched(original, text))
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), text, { flag: 'wx' })
    },
    /** Runs a command of the packages, or `node`, in the copy. */
    run: (command: string, ...args: string[]): Promise<Ended> =>
      new Promise((resolve) => {
        const PATH = `${join(folder, 'node_modules', '.bin')}:${process.env.PATH}`
        const options = {
          cwd: folder,
          env: { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0', PATH },
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
