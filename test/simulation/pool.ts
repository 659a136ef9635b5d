import { availableParallelism } from 'node:os'
import { parentPort, Worker } from 'node:worker_threads'
import type { Pipeline } from './deployment.ts'
import type { Done, Job } from './jobs.ts'

/** Threads that do jobs, one for each of the machine's cores. */
export class Pool {
  readonly #idle: Worker[] = []
  readonly #size: number
  #started = 0

  constructor(size = availableParallelism()) {
    this.#size = size
  }

  /**
   * Does jobs, as many at once as there are threads. `onDone` is told of each as it is ready; where it answers
   * false, no further job is begun.
   */
  async run(jobs: readonly Job[], onDone: (done: Done) => boolean): Promise<void> {
    const queue = [...jobs]
    let goesOn = true
    const work = async (): Promise<void> => {
      const thread = this.#idle.pop() ?? this.#start()
      for (let job = queue.shift(); job && goesOn; job = queue.shift())
        goesOn = onDone(await this.#do(thread, job)) && goesOn
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

  #do(thread: Worker, job: Job): Promise<Done> {
    return new Promise((resolve, reject) => {
      thread.once('error', reject)
      thread.once('message', (done: Done) => {
        thread.off('error', reject)
        resolve(done)
      })
      thread.postMessage(job)
    })
  }
}

/** A thread's side: does what it is sent. */
export async function serve(pipeline: Pipeline): Promise<void> {
  const { work } = await import('./jobs.ts')
  parentPort?.on('message', async (job: Job) => parentPort?.postMessage(await work(pipeline, job)))
}
