/**
 * Loads the relay's bundle and lets it send backlogs. A stub of AWS generates the orders as they are read, so only the
 * relay holds them in memory; each call takes 8 ms. Ten orders of the second step and ten announcements are due, too.
 */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { stubAws } from './stub-aws.ts'

const [, , bundle = '', item = ''] = process.argv
const outboxDueAt = { S: '2026-01-01T00:00:00.000Z' }
/** The number of due orders not read yet, by partition. */
const due = new Map<string, number>()
let [sent, sentBesideAfter, peakBytes] = [0, 0, 0]

/** The lane of an order, by the first digit of its id. The second digit is its shard. */
const lanes: Record<string, string> = { a: 'carrier', b: 'warehouse', c: 'announcement' }

/** Every second order was claimed before and goes to the queue; the others go to the bus. */
const orderOf = (id: string): object => ({
  ...JSON.parse(item.replace(/ord_\w{32}/g, id)),
  outboxDueAt,
  outboxShard: { N: String(Number.parseInt(id.charAt(5), 16)) },
  outboxPartition: { S: `${lanes[id.charAt(4)]}#${id.charAt(5)}` },
  outboxClaimed: { BOOL: /^ord_a.*[02468]$/.test(id) },
})

function page(body: string): object {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
  const { IndexName, Select, Limit, ExpressionAttributeValues: values } = JSON.parse(body)
  const partition = String(values[':partition'].S)
  const left = (IndexName === 'outbox' && Select !== 'COUNT' && due.get(partition)) || 0
  const count = Math.min(Limit, left)
  if (count > 0) due.set(partition, left - count)
  const [digit = ''] = Object.entries(lanes).find(([, lane]) => partition.startsWith(lane)) ?? []
  const prefix = `ord_${digit}${partition.slice(-1)}`
  const Items = Array.from({ length: count }, (_, index) => ({
    orderId: { S: `${prefix}${`${left - index}`.padStart(30, '0')}` },
    outboxDueAt,
  }))
  return { Items, Count: count }
}

stubAws((action, body) => {
  if (action === 'Query') return page(body)
  if (action === 'BatchGetItem')
    return { Responses: { orders: (body.match(/ord_\w{32}/g) ?? []).map(orderOf) }, UnprocessedKeys: {} }
  if (action !== 'PutEvents' && action !== 'SendMessageBatch') return {}
  const entries: { Id?: string; MessageBody?: string }[] = JSON.parse(body).Entries
  if (/ord_[bc]/.test(body)) sentBesideAfter = sent
  sent += entries.length
  if (action === 'PutEvents') return { FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: 'e' })) }
  const Successful = entries.map(({ Id, MessageBody = '' }) => ({
    Id,
    MessageId: Id,
    MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
  }))
  return { Successful, Failed: [] }
}, 8)

const { handler } = createRequire(import.meta.url)(bundle)

process.on('message', async (backlog: number) => {
  ;[sent, sentBesideAfter, peakBytes] = [0, 0, 0]
  for (let shard = 0; shard < 16; shard += 1)
    due.set(`carrier#${shard.toString(16)}`, Math.floor((backlog + shard) / 16))
  for (const partition of ['warehouse#0', 'announcement#0']) due.set(partition, 10)
  const [cpu, loop] = [process.cpuUsage(), performance.eventLoopUtilization()]
  // A run ends when its time is up, and the next one continues. The stub forgets orders that were read but not sent.
  while ([...due.values()].some((left) => left > 0)) {
    const endsAt = performance.now() + 50_000
    const getRemainingTimeInMillis = () => endsAt - performance.now()
    await handler({ group: 0, groups: 1 }, { awsRequestId: 'bench', getRemainingTimeInMillis })
  }
  const { user, system } = process.cpuUsage(cpu)
  const { idle: idleMs } = performance.eventLoopUtilization(loop)
  process.send?.({
    sent,
    cpuMs: (user + system) / 1000,
    idleMs,
    peakMib: peakBytes / 2 ** 20,
    sentBesideAfter,
  })
})
process.send?.('ready')
