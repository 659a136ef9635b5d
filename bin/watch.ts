import { watch } from 'node:fs'
import { join } from 'node:path'
import { context } from 'esbuild'
import { bundling, writeIfChanged } from '../lib/functions/bundle.ts'

// Watches the source for its parent process: it bundles the functions incrementally and sends the parent what has
// changed. esbuild prints what does not compile.

/** Editors may write a file several times per save. */
const settleMs = 30

const bundler = await context(bundling())
const bundle = () => bundler.rebuild().then(({ outputFiles }) => outputFiles.filter(writeIfChanged))
/** Of a vendor's folder, all but what workers and stacks take is its fake, which the embedded cloud runs in itself. */
const isPlayed = (file: string) => /^vendors\b(?!.*\b(client|options|decimals)\.ts$)/.test(file)
const changed = new Set<string>()
let isBusy = true

async function tell(): Promise<void> {
  if (isBusy) return
  isBusy = true
  while (changed.size) {
    const startedAt = performance.now()
    const files = [...changed]
    changed.clear()
    const isCode = files.some((file) => /^(lambdas|vendors)\b/.test(file))
    const outputs = isCode ? await bundle().catch(() => null) : []
    const bundles = outputs?.map(({ path }) => path) ?? null
    const isStacks = files.some((file) => !file.startsWith('lambdas'))
    const restart = files.filter(isPlayed)
    process.send?.({ files, bundles, isStacks, restart, ms: Math.round(performance.now() - startedAt) })
  }
  isBusy = false
}

const watchers = ['lambdas', 'vendors', 'lib', 'bin'].map((folder) =>
  watch(folder, { recursive: true }, (_event, file) => {
    if (!file?.endsWith('.ts')) return
    changed.add(join(folder, file))
    setTimeout(tell, settleMs)
  }),
)
process.once('disconnect', async () => {
  for (const watcher of watchers) watcher.close()
  await bundler.dispose()
})
// The first build only fills esbuild's cache and writes nothing; changes made meanwhile are handled by `tell`.
await bundler.rebuild().catch(() => null)
isBusy = false
await tell()
