import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Settles when the functions are bundled. Imported before the CDK, whose loading takes as long. */
export const bundled = once(new Worker(new URL('bundle.ts', import.meta.url)), 'exit')
