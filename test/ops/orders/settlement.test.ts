import { expect, test } from '@jest/globals'
import type { StepName } from '../../../lambdas/domain/chain.ts'
import { addStep, type OwnStep } from '../../../lambdas/domain/own-steps.ts'

/** A step as an application adds it. The cast is needed because this repository's types have only its own steps. */
const customs: unknown = { step: 'customs', vendor: 'broker', status: 'CUSTOMS_CLEARED', after: 'logistics' }
addStep(customs as OwnStep<never>)
const { settlementOf } = await import('../../../ops/orders/settlement.ts')
const { advice } = await import('../../../ops/orders/order-report.ts')
const { exitsOf, exampleIn } = await import('../../../scripts/contract/exits.ts')
const { at, lanes, orderId, storedOrder, t0, unknownSince } = await import('../../builders.ts')
const step = 'customs' as StepName

test('the advice on an order that is stuck in an added step has the command to settle it', () => {
  const order = storedOrder({
    status: 'AWB_GENERATED',
    attention: { state: 'dead-lettered', step, reason: 'TIME_OUT', attempts: 5, since: at() },
    unknownOutcome: unknownSince(0),
  })

  expect(advice(order, { flags: '', vendors: lanes, relayIntervalMs: 60_000 }, t0).join()).toContain(
    `npx orderctl order settle ${orderId} --made … | --nothing-made --note`,
  )
})

test("what an added step's vendor has made becomes the order's facts", () => {
  const facts = { facts: { clearance: 'MRN-1' } }

  expect(settlementOf({ made: { clearance: 'MRN-1' } }, step)).toEqual({ what: 'MADE', step, facts })
})

test("what the vendor of a built-in step has made must have the name of the order's field", () => {
  const settlement = { what: 'MADE', step: 'logistics', facts: { awb: 'AWB-1' } }

  expect(settlementOf({ made: { awb: 'AWB-1' } }, 'logistics')).toEqual(settlement)
  expect(() => settlementOf({ made: { clearance: 'MRN-1' } }, 'logistics')).toThrow(/^--awb: /)
})

test('the exits of an order include settling its added step', async () => {
  const { operator } = await exitsOf(
    exampleIn({ status: 'AWB_GENERATED', trouble: 'waits, and its vendor may have made it' }),
  )

  expect(operator.get('settle --made')).toEqual({ status: 'CUSTOMS_CLEARED', isToBeRedriven: false })
  expect([...operator.keys()]).not.toContain('settle --wms-reference')
})
