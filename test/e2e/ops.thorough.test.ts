import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { noFaults } from '../../vendors/faults.ts'
import { until } from '../until.ts'
import { type Cloud, runOrderctl, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'
import { readLogs } from './telemetry/measurements.ts'
import { createOperator, type Operator } from './telemetry/operator.ts'

let cloud: Cloud
let token: string
let folder: string
let operator: Operator
let number = 0

beforeAll(async () => {
  cloud = await startCloud({ speed: 20 })
  token = await cloud.token()
  operator = await createOperator(cloud)
  folder = mkdtempSync(join(tmpdir(), 'ops-'))
})
afterEach(() => cloud.faults('logistics', noFaults))
afterAll(async () => {
  operator?.close()
  await cloud?.stop()
  if (folder) rmSync(folder, { recursive: true })
})

/** The options of an action in a script: its reason, and no confirmation. */
const sure = ['--note', 'as agreed', '--yes']

/** Runs an `orderctl` command as a script would. */
const tool = (name: 'demo' | 'dlq' | 'order' | 'vendor' | 'token' | 'smoke', ...args: string[]) =>
  cloud.orderctl(name, ...args)

/** Runs a command with --json, and parses its output. */
// biome-ignore lint/suspicious/noExplicitAny: each command's document is another
async function json(name: 'dlq' | 'order' | 'vendor' | 'smoke', ...args: string[]): Promise<any> {
  const { stdout, stderr } = await tool(name, ...args, '--json')
  if (stdout === '') throw new Error(`npx orderctl ${name} ${args.join(' ')} printed only: ${stderr}`)
  return JSON.parse(stdout)
}

/** The first line of every command's output. */
const place = () => `local: ${cloud.url}, account 000000000000, us-east-1\n`

const deadLetters = async (): Promise<number> =>
  (await cloud.queues()).reduce(
    (sum, { deadLetterQueue, visible }) => sum + (deadLetterQueue ? visible : 0),
    0,
  )

/** Places orders to a country that the carrier refuses, and waits until each has its message in the DLQ. */
async function deadLetteredOrders(count: number): Promise<string[]> {
  await cloud.faults('logistics', { rejectCountries: ['AQ'] })
  const before = await deadLetters()
  const ids = await Promise.all(
    Array.from({ length: count }, async () => {
      const order = sampleOrder(`ops-${++number}`, number)
      const shippingAddress = { ...order.shippingAddress, country: 'AQ' }
      return (await cloud.place(token, { ...order, shippingAddress })).body.orderId
    }),
  )
  await until(deadLetters, (messages) => messages === before + count)
  return ids
}
const isReady = ({ status }: { status: string }) => status === 'READY_FOR_FULFILLMENT'
const isCancelled = ({ status }: { status: string }) => status === 'CANCELLED'

describe('dead letters', () => {
  test('are listed, with their messages if one is named, and reach the end when redriven after a repair', async () => {
    const [orderId = ''] = await deadLetteredOrders(1)

    const list = await tool('dlq', 'list')
    const { counts } = await json('dlq', 'list')
    const { rows } = await json('dlq', 'list', '--order', orderId)

    expect(list.stdout).toMatch(
      new RegExp(`^${orderId}  CREATED  dead-lettered  carrier  ADDRESS_NOT_SERVED  `, 'm'),
    )
    expect(counts).toMatchObject([{ lane: 'carrier', reason: 'ADDRESS_NOT_SERVED', total: 1 }])
    // The DLQ may also have a copy of the event, which the relay has sent meanwhile.
    expect(rows.slice(0, 2)).toMatchObject([
      { orderId, attention: 'dead-lettered' },
      { orderId, attributes: { deadLetterNumber: { StringValue: '1' } } },
    ])

    await cloud.faults('logistics', { rejectCountries: [] })
    const { stdout } = await tool('dlq', 'redrive', '--order', orderId, ...sure)
    expect(stdout).toContain('Redrove 1 order and 0 messages of local.\n')

    const order = await cloud.follow(token, orderId, isReady)
    expect(order.timeline.map(({ type }) => type)).toEqual([
      ...['CREATED', 'DEAD_LETTERED', 'REDRIVE_REQUESTED', 'REDRIVEN', 'AWB_GENERATED'],
      'READY_FOR_FULFILLMENT',
    ])
    expect(await deadLetters()).toBe(0)
  })

  test('are redriven all together, each order made once', async () => {
    const ids = await deadLetteredOrders(12)
    await cloud.faults('logistics', { rejectCountries: [] })

    const listed = await json('dlq', 'list', '--reason', 'ADDRESS_NOT_SERVED')
    const redriven = await json('dlq', 'redrive', '--reason', 'ADDRESS_NOT_SERVED', '--rate', '50', ...sure)

    expect(listed.counts).toMatchObject([{ total: 12 }])
    expect(redriven).toMatchObject({ orders: 12, failed: 0 })
    for (const id of ids) await cloud.follow(token, id, isReady)
    const made = (await cloud.ledger('logistics')).filter(({ reference }) => ids.includes(reference))
    expect(made.map(({ created }) => created)).toEqual(ids.map(() => 1))
    expect(await deadLetters()).toBe(0)
    expect((await json('dlq', 'list')).rows).toEqual([])
  })

  test('that belong to no order are discarded into a file', async () => {
    await operator.send('LogisticsCarrier/Queue', 'no event')
    await until(deadLetters, (messages) => messages === 1)

    const refused = await tool('dlq', 'discard', '--all', '--note', 'no event')
    const { file } = await json('dlq', 'discard', '--reason', 'NOT_JSON', '--save-to', folder, ...sure)

    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ body: 'no event', reason: 'NOT_JSON' })
    expect(await deadLetters()).toBe(0)
  })

  test('remain listed when their messages are gone, and can be redriven without them', async () => {
    const [orderId = ''] = await deadLetteredOrders(1)
    await operator.read('LogisticsCarrier/DeadLetterQueue')

    await cloud.faults('logistics', { rejectCountries: [] })
    const redriven = await json('dlq', 'redrive', '--order', orderId, ...sure)

    expect(redriven).toMatchObject({ orders: 1, messages: 0 })
    await cloud.follow(token, orderId, isReady)
  })

  test('of a lane that does not exist are a usage error', async () => {
    const { exitCode, stderr } = await tool('dlq', 'redrive', '--lane', 'moon', ...sure)

    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: `${place()}There is no lane moon: carrier, warehouse, easypost.\n`,
    })
  })
})

describe('an order', () => {
  test('that is dead-lettered can be cancelled, and the event is published', async () => {
    const [orderId = ''] = await deadLetteredOrders(1)

    const { order } = await json('order', 'cancel', orderId, ...sure)

    expect(order).toMatchObject({ orderId, status: 'CANCELLED' })
    expect(order.attention).toBeUndefined()
    const events = await cloud.events()
    expect(
      events.filter(({ detail }) => detail.data.orderId === orderId).map((event) => event['detail-type']),
    ).toEqual(['ORDER_CREATED', 'ORDER_NEEDS_ATTENTION', 'ORDER_CANCELLED'])
    expect(await json('dlq', 'list')).toMatchObject({ rows: [] })
    expect(await json('dlq', 'redrive', '--all', ...sure)).toMatchObject({ orders: 0, messages: 0, swept: 1 })
  })

  test('that is ready is cancelled by its vendors, and can be redacted then', async () => {
    const order = sampleOrder(`ops-${++number}`)
    const { body } = await cloud.place(token, order)
    await cloud.follow(token, body.orderId, isReady)

    const cancel = await json('order', 'cancel', body.orderId, ...sure)
    await cloud.follow(token, body.orderId, isCancelled)
    const redact = await json('order', 'redact', body.orderId, ...sure)

    expect(cancel.order).toMatchObject({
      status: 'CANCELLING',
      summary: expect.stringContaining('being cancelled'),
    })
    expect(redact.order).toMatchObject({ redactedAt: expect.any(String) })
    const after = await cloud.order(token, body.orderId)
    expect(after).toMatchObject({ customer: { name: 'REDACTED' }, shippingAddress: { line1: 'REDACTED' } })
    expect(JSON.stringify(after)).not.toContain(order.shippingAddress.line1)
  })

  /** An order that was ready and is being cancelled, but whose carrier cannot undo its work. */
  async function halfCancelled(): Promise<string> {
    await cloud.faults('logistics', { voids: false })
    const { body } = await cloud.place(token, sampleOrder(`ops-${++number}`))
    await cloud.follow(token, body.orderId, isReady)
    await json('order', 'cancel', body.orderId, ...sure)
    await cloud.follow(token, body.orderId, ({ attention }) => attention?.state === 'dead-lettered')
    await cloud.faults('logistics', { voids: true })
    return body.orderId
  }

  test('whose carrier cannot undo its work is dead-lettered, and can be redriven when the carrier can', async () => {
    const orderId = await halfCancelled()

    const { order } = await json('order', 'show', orderId)
    await json('dlq', 'redrive', '--order', orderId, ...sure)
    await cloud.follow(token, orderId, isCancelled)

    expect(order.attention).toMatchObject({ step: 'logistics', reason: 'NO_WAY_TO_CANCEL' })
    expect(order.advice.join(' ')).toContain(`npx orderctl order settle ${orderId} --voided --note`)
    const made = (await cloud.ledger('logistics')).filter(({ reference }) => reference === orderId)
    expect(made).toMatchObject([{ created: 1, voided: 1 }])
  })

  test('whose carrier has undone its work by hand is settled, and the API shows that without the note', async () => {
    const orderId = await halfCancelled()

    const wrong = await tool('order', 'settle', orderId, '--awb', 'AWB-5', '--voided', ...sure)
    const late = await tool('order', 'settle', orderId, '--shipped', ...sure)
    const { order } = await json('order', 'settle', orderId, '--voided', '--note', 'Bea, by phone', '--yes')

    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Use one of') })
    expect(late).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no way back') })
    expect(order).toMatchObject({ status: 'CANCELLED' })
    expect(JSON.stringify(order)).toContain('Bea, by phone')
    const told = await cloud.order(token, orderId)
    expect(told.timeline.slice(-3).map(({ type }) => type)).toEqual(['SETTLED', 'UNDONE', 'CANCELLED'])
    expect(JSON.stringify(told)).not.toContain('Bea')
    const events = await cloud.events()
    expect(events.findLast(({ detail }) => detail.data.orderId === orderId)?.['detail-type']).toBe(
      'ORDER_CANCELLED',
    )
  })

  test('that does not exist ends with exit code 3', async () => {
    const { exitCode, stderr } = await tool('order', 'show', `ord_${'0'.repeat(32)}`)

    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: `${place()}There is no order ord_${'0'.repeat(32)}.\n`,
    })
  })
})

test('a paused vendor is not called; its orders wait, and continue when it is resumed', async () => {
  const { state } = await json('vendor', 'pause', 'warehouse', ...sure)
  const { body } = await cloud.place(token, sampleOrder(`ops-${++number}`))
  const waiting = await cloud.follow(token, body.orderId, ({ attention }) => attention?.state === 'waiting')
  const { vendors } = await json('vendor', 'status')
  const { rows } = await json('order', 'list', '--attention', 'waiting', '--lane', 'warehouse')

  expect(state).toBe('held')
  expect(waiting.attention).toMatchObject({ step: 'wms', reason: 'PAUSED_BY_OPERATOR' })
  expect(rows).toMatchObject([{ orderId: body.orderId, reason: 'PAUSED_BY_OPERATOR', shop: 'shop-1' }])
  expect(vendors).toMatchObject([
    { vendor: 'carrier', step: 'logistics' },
    { vendor: 'warehouse', state: 'held', unfinishedOrders: 1 },
    { vendor: 'easypost', step: 'logistics' },
  ])
  expect((await cloud.ledger('wms')).some(({ reference }) => reference === body.orderId)).toBe(false)

  await json('vendor', 'resume', 'warehouse', ...sure)
  await cloud.follow(token, body.orderId, isReady)
})

test('a day of operators is read back from the timeline and the logs: who, what, and why', async () => {
  const [orderId = ''] = await deadLetteredOrders(1)
  await cloud.faults('logistics', { rejectCountries: [], voids: false })
  const because = (note: string) => ['--note', note, '--yes']

  const city = { shippingAddress: { city: 'Köln' } }
  const corrected = await cloud.request('PATCH', `/orders/${orderId}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify(city),
  })
  await tool('dlq', 'redrive', '--order', orderId, ...because('the city was wrong'))
  await cloud.follow(token, orderId, isReady)
  await tool('order', 'cancel', orderId, ...because('the buyer called'))
  await cloud.follow(token, orderId, ({ attention }) => attention?.reason === 'NO_WAY_TO_CANCEL')
  await tool('order', 'settle', orderId, '--voided', ...because('Bea of the carrier, by phone'))
  await tool('order', 'redact', orderId, ...because('request 4711 to be forgotten'))

  expect(corrected.status).toBe(200)
  const { timeline } = await cloud.order(token, orderId)
  const acts = timeline.filter((entry) => 'by' in entry)
  expect(acts.map((entry) => `${entry.type} ${'by' in entry && entry.by}`)).toEqual([
    'CREATED shop',
    'CORRECTED shop',
    'REDRIVE_REQUESTED operator',
    'REDRIVEN operator',
    'CANCELLING operator',
    'SETTLED operator',
    'UNDONE operator',
    'CANCELLED operator',
    'PERSONAL_DATA_REDACTED operator',
  ])
  expect(JSON.stringify(acts)).not.toMatch(/local|buyer called|by phone/)

  const { stdout } = await tool('order', 'show', orderId)
  for (const line of [
    'placed, by shop-1',
    'corrected, by shop-1',
    'redrive requested, by local',
    'cancellation requested, by local',
    'settled: carrier has undone its work, by local',
    'personal data redacted, by local: request 4711 to be forgotten',
  ])
    expect(stdout).toContain(line)
  // Notes may contain personal data, so redaction removes them from the order; they stay in the log.
  expect(stdout).not.toContain('by phone')

  const lines = (await readLogs(cloud)).map(({ line }) => line)
  const said = lines.filter((line) => line.includes(orderId) && line.includes('"by":"operator"'))
  expect(said.map((line) => JSON.parse(line)).map(({ message, who, note }) => [message, who, note])).toEqual([
    ['dlq redrive', 'local', 'the city was wrong'],
    ['order cancel', 'local', 'the buyer called'],
    ['order settle', 'local', 'Bea of the carrier, by phone'],
    ['order redact', 'local', 'request 4711 to be forgotten'],
  ])
  expect(
    lines.filter((line) => line.includes('Order corrected') && line.includes('"who":"shop-1"')),
  ).toHaveLength(1)
}, 120_000)

test('the API accepts a token of the tool', async () => {
  const { stdout } = await tool('token', '--sub', 'shop-9', '--scope', 'orders/read')

  const { status } = await cloud.request('GET', '/orders', {
    headers: { authorization: `Bearer ${stdout.trim()}` },
  })

  expect(status).toBe(200)
})

test('the demonstration places an order and shows how it became ready', async () => {
  const { exitCode, stdout, stderr } = await tool('demo', '--port', new URL(cloud.url).port)

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: place() })
  for (const line of ['placed, by shop-1', 'accepted by carrier, AWB ', 'accepted by warehouse as WMS-'])
    expect(stdout).toContain(line)
})

describe('the smoke test', () => {
  test('places one order, marked, and follows it until the warehouse has it', async () => {
    const { orderId, ...result } = await json('smoke')

    expect(result).toMatchObject({
      endpoint: cloud.url,
      status: 'READY_FOR_FULFILLMENT',
      awb: expect.any(String),
    })
    expect(result.clickMs).toBeLessThan(result.readyMs)
    const order = await cloud.order(token, orderId)
    expect(order).toMatchObject({ metadata: { smoke: 'true' } })
  })

  test('ends with 1 and says where the order is dead-lettered', async () => {
    await cloud.faults('logistics', { rejectCountries: ['DE'] })
    const { exitCode, stderr } = await tool('smoke')

    expect(exitCode).toBe(1)
    expect(stderr).toContain('(dead-lettered at logistics: ADDRESS_NOT_SERVED)')
  })

  test('ends with 1 at its deadline and says what it was waiting for', async () => {
    await cloud.faults('logistics', { latencyMs: 3_600_000 })
    const { exitCode, stderr } = await tool('smoke', '--deadline', '2s')
    await cloud.faults('logistics', { latencyMs: 0 })

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/is still CREATED .*after 2/)
  })

  test('ends with 1 if its token is refused', async () => {
    const { exitCode, stderr } = await tool('smoke', '--token', 'none')

    expect(exitCode).toBe(1)
    expect(stderr).toContain(place())
    expect(stderr).toContain('answered 401')
  })
})

test('if no cloud is running, a tool says what to do', async () => {
  const nowhere = { ...process.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }
  const { exitCode, stderr } = await runOrderctl(['dlq', 'list'], nowhere)

  expect(exitCode).toBe(1)
  expect(stderr).toContain(
    'Nothing listens on http://127.0.0.1:1: "npx orderctl start" starts the embedded cloud',
  )
})
