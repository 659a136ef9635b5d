import { isMainThread } from 'node:worker_threads'
import { installHooks } from './hooks.ts'

// The hooks must be installed before the first module of lambdas/ is loaded, and the clock after the last one.
installHooks()
const { loadPipeline } = await import('./deployment.ts')
const { installVirtualTime } = await import('./kernel/clock.ts')
const pipeline = await loadPipeline()
installVirtualTime()
if (isMainThread) {
  const { main } = await import('./cli.ts')
  process.exitCode = await main(pipeline, process.argv.slice(2))
} else {
  const { serve } = await import('./pool.ts')
  await serve(pipeline)
}
