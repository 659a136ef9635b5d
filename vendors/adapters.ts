import * as z from 'zod/mini'
import { amazonMcfOptions } from './amazon-mcf/options.ts'
import { easyPostOptions } from './easypost/options.ts'

/** What the config needs to know about an adapter. */
interface Adapter {
  /** The vendor's name for people. */
  brand?: string
  /** The step of its vendors; any step, if not given. */
  step?: string
  /** The schema of its options, checked at synth. */
  options: z.ZodMiniType
  /** Calls that its client makes at most, to create something or to undo it. */
  calls: number
  /** The steps for which a simulator is deployed if a vendor's URL is `simulator`. */
  simulated?: readonly string[]
}

/** The adapters, by their names in the config. */
export type Adapters = Readonly<Record<string, Adapter>>

/** This repository's adapters. */
export const adapters: Adapters = {
  /** docs/vendor-contract.md. */
  contract: { options: z.strictObject({}), calls: 1, simulated: ['logistics', 'wms'] },
  'amazon-mcf': { brand: 'Amazon MCF', step: 'wms', options: amazonMcfOptions, calls: 2 },
  easypost: { brand: 'EasyPost', step: 'logistics', options: easyPostOptions, calls: 2 },
}
