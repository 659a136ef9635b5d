import { availableParallelism } from 'node:os'
import { parentPort, Worker } from 'node:worker_threads'
import type { Pipeline } from './deployment.ts'
import type { Job, JobResult } from './jobs.ts'

/** A pool of threads that run jobs. */
export class Pool {
  readonly #idle: Worker[] = []
  readonly #size: number
  #started = 0

  constructor(size = availableParallelism()) {
    this.#size = size
  }

  /**
   * Runs jobs, one per thread at a time. `onDone` gets each result when it is ready; after it has returned false, no
   * further job is started.
   */
  async run(jobs: readonly Job[], onDone: (result: JobResult) => boolean): Promise<void> {
    const queue = [...jobs]
    let continues = true
    const work = async (): Promise<void> => {
      const thread = this.#idle.pop() ?? this.#start()
      for (let job = queue.shift(); job && continues; job = queue.shift())
        continues = onDone(await this.#run(thread, job)) && continues
      this.#idle.push(thread)
    }
    await Promise.all(Array.from({ length: Math.min(this.#size, jobs.length) }, work))
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.terminate()))
  }

  #start(): Worker {
    if (++this.#started > this.#size) throw new Error('A thread is missing')
    return new Worker(new URL('main.ts', import.meta.url))
  }

  #run(thread: Worker, job: Job): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      thread.once('error', reject)
      thread.once('message', (result: JobResult) => {
        thread.off('error', reject)
        resolve(result)
      })
      thread.postMessage(job)
    })
  }
}

/** Runs in the thread: executes the jobs that it receives. */
export async function serve(pipeline: Pipeline): Promise<void> {
  const { runJob } = await import('./jobs.ts')
  parentPort?.on('message', async (job: Job) => parentPort?.postMessage(await runJob(pipeline, job)))
}
