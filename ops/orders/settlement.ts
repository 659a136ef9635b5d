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

/** The name of an order's vendor for a step. */
export const vendorOf = ({ vendors }: Order, step: StepName): string =>
  vendors[step] ?? `the ${linkOf(step).vendor}`

/** For each step of ours, the option of `order settle` and the schema of what its vendor makes. */
const ours: Partial<Record<StepName, { option: string; facts: z.ZodMiniType<VendorFacts> }>> = {
  logistics: { option: '--awb', facts: z.extend(carrierFacts, { trackingUrl: z.optional(webUrl()) }) },
  wms: { option: '--wms-reference', facts: warehouseFacts },
}
/** The schema for an added step: everything goes into `facts`, and also into a field of the order if it has one. */
const facts = z.extend(z.object(vendorFacts()), { facts: z.record(z.string(), visibleText(100)) })
const answerOf = (step: StepName) => ours[step] ?? { option: '--made', facts }

/** The option of `order settle` for what a step's vendor has made. */
export const madeOption = (step: StepName): string => answerOf(step).option

/** The options of `order settle`. */
type Said = Partial<Record<'awb' | 'trackingUrl' | 'wmsReference', string>> &
  Partial<Record<'nothingMade' | 'voided' | 'shipped', true>> & { made?: Record<string, string> }

/** @throws {CommandError} unless exactly one outcome is given, with values that fit the step whose `turn` it is */
export function settlementOf(said: Said, turn: StepName = firstStep): Settlement {
  const { awb, trackingUrl, wmsReference, made } = said
  const [what, ...others] = [
    (awb ?? wmsReference ?? made) === undefined ? [] : ('MADE' as const),
    said.nothingMade ? ('NOTHING_MADE' as const) : [],
    said.voided ? ('UNDONE' as const) : [],
    said.shipped ? ('TOO_LATE' as const) : [],
  ].flat()
  const options = `${madeOption(turn)}, --nothing-made, --voided, --shipped`
  if (what === undefined || others.length > 0) throw new CommandError('usage', `Use one of ${options}.`)
  if (what !== 'MADE') return { what }
  const by = turn in ours ? { awb, trackingUrl, wmsReference, ...made } : { ...made, facts: made }
  const { data, error } = z.safeParse(answerOf(turn).facts, by)
  if (data) return { what, step: turn, facts: data }
  const wrong = error.issues.map(({ message }) => message).join('; ')
  throw new CommandError('usage', `${madeOption(turn)}: ${wrong}`)
}

/** The consequence of `order settle` in a sentence, or why it will be refused. */
export function settleConsequence(order: Order, said: Said, now: number): string {
  const settlement = settlementOf(said, turnOf(order))
  const link = settleable(order, settlement, now)
  return typeof link === 'string'
    ? link
    : `This records that ${explain(settlement.what, vendorOf(order, link.name)).text}.`
}
