import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { eventOf } from '../../lambdas/domain/events.ts'
import { breakingEventChanges } from '../../scripts/contract/breaking-changes.ts'
import { exampleOrders } from '../../scripts/contract/example-orders.ts'

const root = join(import.meta.dirname, '..', '..')
const published = (detailType: string) =>
  JSON.parse(readFileSync(join(root, 'docs', 'events', `${detailType}.schema.json`), 'utf8'))

describe('the published schema', () => {
  test.each([
    ['ORDER_CREATED', exampleOrders.created],
    ['ORDER_CREATED', exampleOrders.retrying],
    ['AWB_GENERATED', exampleOrders.shipping],
    ['READY_FOR_FULFILLMENT', exampleOrders.ready],
    ['ORDER_CANCELLED', exampleOrders.cancelled],
    ['ORDER_NEEDS_ATTENTION', exampleOrders.deadLettered],
  ])('of %s has every field of the event that an order sends, and accepts the event', (detailType, order) => {
    const event = eventOf(order)
    const schema = published(detailType)
    const ajv = new Ajv2020()
    formats.default(ajv)

    expect(event.detailType).toBe(detailType)
    // As on the wire: JSON has no undefined.
    const detail = JSON.parse(JSON.stringify(event.detail))
    expect(ajv.validate(schema, detail)).toBe(true)
    expect(Object.keys(schema.properties.data.properties)).toEqual(
      expect.arrayContaining(Object.keys(detail.data)),
    )
  })

  test('has no personal data of the buyer', () => {
    const { customer, shippingAddress } = exampleOrders.ready
    const events = Object.values(exampleOrders).map((order) => JSON.stringify(eventOf(order)))

    for (const personal of [customer.name, customer.phone, shippingAddress.line1, shippingAddress.name])
      expect(events.filter((event) => event.includes(`${personal}`))).toEqual([])
  })
})

describe('a change of the events', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'events-'))
    mkdirSync(join(folder, 'docs', 'events'), { recursive: true })
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('in the code is additive to the published schemas', () => {
    expect(breakingEventChanges(root)).toEqual([])
  })

  test('that breaks listeners of the published events is named', () => {
    const before = published('AWB_GENERATED')
    before.properties.data.properties.carrier = { type: 'string' }
    before.properties.data.required.push('carrier')
    writeFileSync(join(folder, 'docs', 'events', 'AWB_GENERATED.schema.json'), JSON.stringify(before))

    expect(breakingEventChanges(folder)).toEqual([
      'AWB_GENERATED: data always had the field carrier, which may be missing now.',
      'AWB_GENERATED: data.carrier is gone.',
    ])
  })

  test('that removes a detail-type is named', () => {
    writeFileSync(join(folder, 'docs', 'events', 'ORDER_LOST.schema.json'), '{}')

    expect(breakingEventChanges(folder)).toEqual(['ORDER_LOST: it is published and no longer sent.'])
  })
})
