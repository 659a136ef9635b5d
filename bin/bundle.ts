import { bundleFunctions } from '../lib/functions/bundle.ts'

// Runs in a worker thread during the synthesis.
await bundleFunctions()
