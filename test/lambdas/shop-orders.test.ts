import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from '@jest/globals'
import * as z from 'zod'
import { createLogisticsClient } from '../../vendors/contract/client.ts'
import { httpRequest, lambdaContext, routes } from '../builders.ts'
import { createVendorHttpDouble, savesNothing } from './doubles.ts'
import { environment } from './environment.ts'
import { createWorld, type World } from './step-world.ts'

Object.assign(process.env, environment)
const { createHandler } = await import('../../lambdas/create-order.ts')

const shopOrder = z.strictObject({
  shop: z.string(),
  what: z.string(),
  body: z.record(z.string(), z.unknown()),
  /** The paths that the answer names, where the order is refused. */
  refused: z.array(z.string()).optional(),
  /** Part of the request to the carrier, if the order is accepted. */
  carrier: z.record(z.string(), z.unknown()).optional(),
})
const orders = readFileSync(join(import.meta.dirname, '..', 'data', 'shop-orders.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => shopOrder.parse(JSON.parse(line)))

let world: World
beforeEach(async () => {
  world = await createWorld()
})

async function place(body: unknown) {
  const { repository, publisher, record, clock } = world
  const deps = {
    repository,
    publisher,
    telemetry: record.telemetry,
    now: clock.now,
    ownerClaim: 'sub',
    graceMs: 60_000,
    outboxShards: 16,
    routes,
    limits: {},
    random: () => 0.5,
  }
  const answer = await createHandler(deps)(httpRequest({ body }), lambdaContext())
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? '') }
}

test('there are sixty orders of shops, refused and accepted', () => {
  expect(orders.length).toBeGreaterThanOrEqual(60)
  expect(orders.every(({ refused, carrier }) => (refused === undefined) !== (carrier === undefined))).toBe(
    true,
  )
})

test.each(orders.filter(({ carrier }) => carrier))(
  '$shop, which $what, is accepted, and the carrier gets it',
  async ({ body, carrier = {} }) => {
    const answer = await place(body)

    expect(answer).toMatchObject({ status: 201, body: { status: 'CREATED' } })
    const { http, posted } = createVendorHttpDouble({ awb: 'AWB-1' })
    const order = await world.stored(answer.body.orderId)
    await createLogisticsClient(http, {}).create({ order, reference: 'our-reference', save: savesNothing })
    const [[, sent]] = posted as [[string, Record<string, unknown>]]
    expect(sent).toMatchObject(carrier)
    // Nothing of what a shop says is missing reaches the carrier as if it were there.
    expect(JSON.stringify(sent)).not.toMatch(/""|null/)
  },
)

test.each(orders.filter(({ refused }) => refused))(
  '$shop, which $what, is refused with the path, and nothing is written',
  async ({ body, refused = [] }) => {
    const answer = await place(body)

    expect(answer.status).toBe(400)
    const paths = answer.body.errors.map(({ path }: { path: string }) => path)
    expect(paths.sort()).toEqual(refused.sort())
    expect(world.db.calls).toEqual([])
    expect(world.published()).toEqual([])
  },
)
