import { availableParallelism } from 'node:os'
import { parentPort, Worker } from 'node:worker_threads'
import type { Pipeline } from './deployment.ts'
import type { Done, Job } from './jobs.ts'

/**
 * Does jobs on all of the machine's cores. Answers come as they are ready.
 * @param onDone is told of each; where it answers false, no further job is begun
 */
export async function onAllCores(
  jobs: readonly Job[],
  onDone: (job: Job, done: Done) => boolean,
): Promise<void> {
  const queue = [...jobs]
  let goesOn = true
  const threads = Math.min(availableParallelism(), jobs.length)
  await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL('main.ts', import.meta.url))
          let current: Job | undefined
          const next = () => {
            current = goesOn ? queue.shift() : undefined
            if (current) worker.postMessage(current)
            else void worker.terminate().then(() => resolve())
          }
          worker.on('message', (done: Done | 'ready') => {
            if (done !== 'ready' && current) goesOn = onDone(current, done) && goesOn
            next()
          })
          worker.on('error', reject)
        }),
    ),
  )
}

/** A thread's side: does what it is sent. */
export async function serve(pipeline: Pipeline): Promise<void> {
  const { work } = await import('./jobs.ts')
  parentPort?.on('message', async (job: Job) => parentPort?.postMessage(await work(pipeline, job)))
  parentPort?.postMessage('ready')
}
