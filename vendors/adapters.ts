import * as z from 'zod/mini'
import { easyPostOptions } from './easypost/options.ts'

/** What the config has to know of an adapter. */
interface Adapter {
  /** Checked at synth. */
  options: z.ZodMiniType
  /** Calls that its client makes at most, to create something or to undo it. */
  calls: number
}

/** How vendors are spoken to, by the name that the config calls it. */
export const adapters: Readonly<Record<string, Adapter>> = {
  /** docs/vendor-contract.md. */
  contract: { options: z.strictObject({}), calls: 1 },
  easypost: { options: easyPostOptions, calls: 2 },
}
