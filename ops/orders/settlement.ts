import * as z from 'zod/mini'
import { visibleText, webUrl } from '../../lambdas/adapters/parse.ts'
import { firstStep, linkOf, type StepName } from '../../lambdas/domain/chain.ts'
import { turnOf } from '../../lambdas/domain/events.ts'
import { type Order, vendorFacts } from '../../lambdas/domain/order.ts'
import { type Settlement, settleable } from '../../lambdas/domain/settlement.ts'
import type { VendorFacts } from '../../lambdas/domain/vendor-answer.ts'
import { carrierFacts, warehouseFacts } from '../../vendors/contract/client.ts'
import { CommandError } from '../cli/command-error.ts'
import { explain } from './reasons.ts'

/** The vendor that a step asks for an order, as an operator calls it. */
export const vendorOf = ({ vendors }: Order, step: StepName): string =>
  vendors[step] ?? `the ${linkOf(step).vendor}`

/** What a step's vendor makes, and the option that says so. A tracking URL that is none is an error here. */
const ours: Partial<Record<StepName, { option: string; facts: z.ZodMiniType<VendorFacts> }>> = {
  logistics: { option: '--awb', facts: z.extend(carrierFacts, { trackingUrl: z.optional(webUrl()) }) },
  wms: { option: '--wms-reference', facts: warehouseFacts },
}
/** The same of another step: fields of the order, where it has such, and in any case its `facts`. */
const facts = z.extend(z.object(vendorFacts()), { facts: z.record(z.string(), visibleText(100)) })
const answerOf = (step: StepName) => ours[step] ?? { option: '--made', facts }

/** The option of `order settle` that says what a step's vendor has made. */
export const madeOption = (step: StepName): string => answerOf(step).option

/** What `order settle` is told on the command line. */
type Said = Partial<Record<'awb' | 'trackingUrl' | 'wmsReference', string>> &
  Partial<Record<'nothingMade' | 'voided' | 'shipped', true>> & { made?: Record<string, string> }

/** @throws {CommandError} where not one thing was said, or it is not what the vendor makes whose turn it is */
export function settlementOf(said: Said, turn: StepName = firstStep): Settlement {
  const { awb, trackingUrl, wmsReference, made } = said
  const [what, ...others] = [
    (awb ?? wmsReference ?? made) === undefined ? [] : ('MADE' as const),
    said.nothingMade ? ('NOTHING_MADE' as const) : [],
    said.voided ? ('UNDONE' as const) : [],
    said.shipped ? ('TOO_LATE' as const) : [],
  ].flat()
  const options = `${madeOption(turn)}, --nothing-made, --voided, --shipped`
  if (what === undefined || others.length > 0) throw new CommandError('usage', `Say one of ${options}.`)
  if (what !== 'MADE') return { what }
  const by = turn in ours ? { awb, trackingUrl, wmsReference, ...made } : { ...made, facts: made }
  const { data, error } = z.safeParse(answerOf(turn).facts, by)
  if (data) return { what, step: turn, facts: data }
  const wrong = error.issues.map(({ message }) => message).join('; ')
  throw new CommandError('usage', `${madeOption(turn)}: ${wrong}`)
}

/** What `order settle` comes to, or why it will be refused. */
export function settleConsequence(order: Order, said: Said, now: number): string {
  const settlement = settlementOf(said, turnOf(order))
  const link = settleable(order, settlement, now)
  return typeof link === 'string'
    ? link
    : `It is recorded that ${explain(settlement.what, vendorOf(order, link.name)).text}.`
}
