import * as z from 'zod/mini'
import { webUrl } from '../../lambdas/adapters/parse.ts'
import { firstStep, linkOf, type StepName } from '../../lambdas/domain/chain.ts'
import { turnOf } from '../../lambdas/domain/events.ts'
import type { VendorFacts } from '../../lambdas/domain/meaning.ts'
import { type Order, vendorFacts } from '../../lambdas/domain/order.ts'
import { type Settlement, settleable } from '../../lambdas/domain/settlement.ts'
import { carrierFacts, warehouseFacts } from '../../vendors/contract/client.ts'
import { CommandError } from '../cli/command-error.ts'
import { explain } from './reasons.ts'

/** The vendor that a step asks for an order, as an operator calls it. */
export const vendorOf = ({ vendors }: Order, step: StepName): string =>
  vendors[step] ?? `the ${linkOf(step).vendor}`

/** What the vendors of our own steps make, and the option that says so. A tracking URL that is none is an error here. */
const ours: Partial<Record<StepName, { option: string; facts: z.ZodMiniType<VendorFacts> }>> = {
  logistics: { option: '--awb', facts: z.extend(carrierFacts, { trackingUrl: z.optional(webUrl()) }) },
  wms: { option: '--wms-reference', facts: warehouseFacts },
}

/** The option of `order settle` that says what a step's vendor has made. */
export const madeOption = (step: StepName): string => ours[step]?.option ?? '--made'

/** What `order settle` is told on the command line. */
type Said = Partial<Record<'awb' | 'trackingUrl' | 'wmsReference', string>> &
  Partial<Record<'nothingMade' | 'voided' | 'shipped', true>> & { made?: Record<string, string> }

/** @throws {CommandError} where not one thing was said, or it is not what such a vendor makes */
export function settlementOf(
  { awb, trackingUrl, wmsReference, made, ...said }: Said,
  turn: StepName = firstStep,
): Settlement {
  const madeBy = (step: StepName, by: object): Settlement => {
    const { data, error } = z.safeParse(ours[step]?.facts ?? z.object(vendorFacts()), by)
    if (data) return { what: 'MADE', step, facts: data }
    const wrong = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new CommandError('usage', wrong.join('; '))
  }
  const [settlement, ...others] = [
    awb !== undefined && madeBy('logistics', { awb, trackingUrl }),
    wmsReference !== undefined && madeBy('wms', { wmsReference }),
    // It is a field of the order, where an order has such a one, and one of its `facts` in any case.
    made !== undefined && madeBy(turn, { ...made, facts: made }),
    said.nothingMade && ({ what: 'NOTHING_MADE' } as const),
    said.voided && ({ what: 'UNDONE' } as const),
    said.shipped && ({ what: 'TOO_LATE' } as const),
  ].filter((each) => each !== false && each !== undefined)
  if (settlement !== undefined && others.length === 0) return settlement
  const options = '--awb, --wms-reference, --made, --nothing-made, --voided, --shipped'
  throw new CommandError('usage', `Say one of ${options}.`)
}

/** What `order settle` comes to, or why it will be refused. */
export function settleConsequence(order: Order, said: Said, now: number): string {
  const settlement = settlementOf(said, turnOf(order))
  const link = settleable(order, settlement, now)
  return typeof link === 'string'
    ? link
    : `It is recorded that ${explain(settlement.what, vendorOf(order, link.name)).text}.`
}
