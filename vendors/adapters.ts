import * as z from 'zod/mini'
import { amazonMcfOptions } from './amazon-mcf/options.ts'
import { easyPostOptions } from './easypost/options.ts'

/** What the config has to know of an adapter. */
interface Adapter {
  /** What people call the vendor. */
  brand?: string
  /** The step whose vendors it speaks to: any step's, where it is not given. */
  step?: string
  /** Checked at synth. */
  options: z.ZodMiniType
  /** Calls that its client makes at most, to create something or to undo it. */
  calls: number
  /** The steps whose vendors have a simulator that is deployed where their URL is `simulator`. */
  simulated?: readonly string[]
}

/** How vendors are spoken to, by the name that the config calls it. */
export type Adapters = Readonly<Record<string, Adapter>>

/** Those that are there. */
export const adapters: Adapters = {
  /** docs/vendor-contract.md. */
  contract: { options: z.strictObject({}), calls: 1, simulated: ['logistics', 'wms'] },
  'amazon-mcf': { brand: 'Amazon MCF', step: 'wms', options: amazonMcfOptions, calls: 2 },
  easypost: { brand: 'EasyPost', step: 'logistics', options: easyPostOptions, calls: 2 },
}
