import { fork } from 'node:child_process'
import { join, parse } from 'node:path'
import * as z from 'zod'
import type { Changes } from './deploy.ts'
import type { LambdaFunction } from './services/lambda.ts'

/** A message of bin/watch.ts: the changed files and bundles; `bundles` is null if the code does not compile. */
const change = z.object({
  files: z.array(z.string()),
  bundles: z.array(z.string()).nullable(),
  isStacks: z.boolean(),
  /** Changed files that this process itself runs, so that only a restart applies them. */
  restart: z.array(z.string()),
  ms: z.number(),
})

/**
 * Watches the source: changed functions get their new bundles, and changed stacks are applied as far as possible.
 * Code that does not compile or synthesize changes nothing.
 * @returns a function that stops watching
 */
export const watchSource = (deps: {
  functions: () => LambdaFunction[]
  /** Synthesizes again and applies the changes. @throws {Error} if synthesis fails */
  update: () => Promise<Changes[]>
}): (() => void) => {
  const { functions, update } = deps
  const watcher = fork(join(import.meta.dirname, '..', 'bin', `watch${parse(import.meta.filename).ext}`))

  const swap = (bundles: string[], ms: number): void => {
    const changed = functions().filter(({ file }) => bundles.some((path) => path.endsWith(`/${file}.cjs`)))
    for (const { retire } of changed) retire()
    const names = [...new Set(changed.map(({ file }) => file))].join(', ')
    console.log(names ? `Swapped in ${names} (${ms} ms).` : 'No bundle has changed.')
  }

  const takeOver = async (files: string[]): Promise<void> => {
    const changes = await update()
    const told = changes.flatMap((each) => each.told)
    console.log(told.join('\n') || 'The stacks have not changed.')
    const restart = [...files, ...changes.flatMap((each) => each.restart)]
    if (restart.length) console.log(`Restart to apply: ${restart.join(', ')}.`)
  }

  let last = Promise.resolve()
  watcher.on('message', (message) => {
    const { files, bundles, isStacks, restart, ms } = change.parse(message)
    console.log(`Changed: ${files.join(', ')}`)
    if (!bundles) console.log('The code does not compile: the functions keep running as before.')
    else if (!isStacks || bundles.length) swap(bundles, ms)
    if (!isStacks) return
    const goOn = ({ message }: Error) => console.error(`${message}\nThe stacks keep running as before.`)
    last = last.then(() => takeOver(restart)).catch(goOn)
  })
  // Ctrl-C also ends the watcher, which is no error.
  watcher.once('exit', (code, signal) => {
    if (code !== 0 && signal !== 'SIGINT')
      console.error('Changes are no longer applied: bin/watch.ts has ended. Restart.')
  })
  return () => {
    if (watcher.connected) watcher.disconnect()
  }
}
