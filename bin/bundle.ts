import { bundleFunctions } from '../lib/functions/bundle.ts'

// A thread of the synthesis.
await bundleFunctions()
