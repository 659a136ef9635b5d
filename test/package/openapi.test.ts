import { expect, test } from '@jest/globals'
import * as z from 'zod'
import { addStep, type OwnStep } from '../../lambdas/domain/own-steps.ts'

/** A step as an application adds it. The cast is needed because this repository's types have only its own steps. */
const customs: unknown = { step: 'customs', vendor: 'broker', status: 'CUSTOMS_CLEARED', after: 'logistics' }

test("an application's steps and statuses are in its API's document, in the order of the chain", async () => {
  addStep(customs as OwnStep<never>)
  const { openApi } = await import('../../package/openapi.ts')
  const property = z.looseObject({ enum: z.array(z.string()) })
  const { components } = z
    .object({
      components: z.object({
        schemas: z.object({
          Order: z.object({ properties: z.object({ status: property.extend({ description: z.string() }) }) }),
          Attention: z.object({ properties: z.object({ step: property }) }),
          TimelineEntry: z.object({ properties: z.object({ type: property }) }),
        }),
      }),
    })
    .parse(openApi())
  const { Order, Attention, TimelineEntry } = components.schemas
  const way = ['CREATED', 'AWB_GENERATED', 'CUSTOMS_CLEARED', 'READY_FOR_FULFILLMENT']

  expect(Order.properties.status.enum).toEqual([...way, 'CANCELLING', 'CANCELLED'])
  expect(Order.properties.status.description).toContain(way.join(' → '))
  expect(TimelineEntry.properties.type.enum).toEqual(expect.arrayContaining(way))
  expect(Attention.properties.step.enum).toEqual(['logistics', 'customs', 'wms'])
})
