import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Settles when the functions are bundled. Import it before the CDK, so that bundling runs while the CDK loads. */
export const bundled = once(new Worker(new URL('bundle.ts', import.meta.url)), 'exit')
