import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from '@commander-js/extra-typings'
import { positiveArgument } from '../../ops/cli/program.ts'
import { optionsOf } from '../../scripts/options.ts'
import { type Cloud, startCloud } from '../e2e/cloud.ts'
import { sampleOrder } from '../e2e/orders.ts'
import { seeded, startChaos } from './chaos.ts'
import { familyMiB, largestChildMiB, median, percentile } from './memory.ts'

/**
 * Places orders against `npm start`'s real processes while vendors flap, workers die, and events are lost and
 * duplicated; then waits until everything has settled and counts. Fails unless every accepted order is READY with one
 * AWB and one shipment or dead-lettered with its reason, and the functions' processes have not grown in memory.
 */
const { orders, seed, concurrency } = optionsOf(
  new Command('node test/soak/soak.ts')
    .description('Places orders against real processes while vendors, workers and events fail, and counts.')
    .option('--orders <n>', 'how many', positiveArgument, 20_000)
    .option('--seed <n>', 'of what goes wrong', positiveArgument, 1)
    .option('--concurrency <n>', 'orders that are placed at once', positiveArgument, 8),
)
/** The config's durations are divided by this. */
const speed = 20
/** An order counts as lost if it is unfinished after this time without any progress. */
const quietMs = 120_000
/** After this time without work each function has only one instance: local/services/lambda-instances.ts. */
const restMs = 70_000

const say = (text: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

async function placeAll(cloud: Cloud, token: string, latenciesMs: number[], memoryMiB: number[]) {
  const accepted = new Map<string, number>()
  let refused = 0
  let next = 0
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < orders) {
        const index = next++
        const startedAt = performance.now()
        // Like a buyer, repeat a request after a 5xx, with the same reference.
        for (let tries = 0; tries < 20; tries++) {
          const { status, body } = await cloud.place(token, sampleOrder(`soak-${seed}-${index}`, index))
          if (status === 201) {
            accepted.set(body.orderId, index)
            break
          }
          refused++
        }
        latenciesMs.push(performance.now() - startedAt)
        if (index % 50 === 0 && cloud.pid) memoryMiB.push(largestChildMiB(cloud.pid))
        if ((index + 1) % Math.ceil(orders / 5) === 0 && cloud.pid) wholeMiB.push(familyMiB(cloud.pid))
        say(`placed ${index + 1} of ${orders}`)
      }
    }),
  )
  return { accepted, refused }
}

async function settle(cloud: Cloud, token: string, ids: Iterable<string>, memoryMiB: number[]) {
  const open = new Set(ids)
  let dead = 0
  let movedAt = Date.now()
  while (open.size > 0 && Date.now() - movedAt < quietMs) {
    const before = open.size
    for (const orderId of open) {
      const order = await cloud.order(token, orderId)
      const isDead = order.attention?.state === 'dead-lettered'
      if (isDead) dead++
      if (isDead || order.status === 'READY_FOR_FULFILLMENT') open.delete(orderId)
    }
    if (open.size < before) movedAt = Date.now()
    if (cloud.pid) memoryMiB.push(largestChildMiB(cloud.pid))
    say(`settling: ${open.size} open`)
    if (open.size === before) await sleep(1000)
  }
  return { lost: open.size, dead }
}

const cloud = await startCloud({ speed })
const token = await cloud.token('shop-soak')
const latenciesMs: number[] = []
const memoryMiB: number[] = []
const wholeMiB: number[] = []
const startedAt = Date.now()
const stopChaos = startChaos(cloud, seeded(seed))
const { accepted, refused } = await placeAll(cloud, token, latenciesMs, memoryMiB)
const chaos = await stopChaos()
const { lost, dead } = await settle(cloud, token, accepted.keys(), memoryMiB)
if (cloud.pid) wholeMiB.push(familyMiB(cloud.pid))
await sleep(restMs)
if (cloud.pid) wholeMiB.push(familyMiB(cloud.pid))
const [awbs, shipments] = await Promise.all(
  (['logistics', 'wms'] as const).map(async (vendor) =>
    (await cloud.ledger(vendor)).filter(({ reference, created }) => accepted.has(reference) && created > 0),
  ),
)
await cloud.stop()
say('')

const duplicates = [...(awbs ?? []), ...(shipments ?? [])].filter(({ created }) => created > 1).length
const quarter = Math.floor(memoryMiB.length / 4)
const memory = {
  second: median(memoryMiB.slice(quarter, 2 * quarter)),
  last: median(memoryMiB.slice(-quarter)),
}
const rows: [string, string | number][] = [
  ['orders accepted', accepted.size],
  ['clicks answered 5xx and repeated', refused],
  ['READY_FOR_FULFILLMENT', accepted.size - dead - lost],
  ['dead-lettered for an operator', dead],
  ['AWBs', awbs?.length ?? 0],
  ['shipments', shipments?.length ?? 0],
  ['made twice', duplicates],
  ['lost', lost],
  ['vendor moods / kills / duplicates / dropped events', Object.values(chaos).join(' / ')],
  [
    'POST p50 / p99 in the chaos',
    `${percentile(latenciesMs, 50).toFixed(0)} / ${percentile(latenciesMs, 99).toFixed(0)} ms`,
  ],
  [
    "memory of the largest function's process, median of 2nd / last quarter",
    `${memory.second.toFixed(0)} / ${memory.last.toFixed(0)} MiB`,
  ],
  [
    'memory of the embedded cloud with all functions: after each fifth of the orders, when all are done, and a minute later',
    `${wholeMiB.map((each) => each.toFixed(0)).join(' / ')} MiB`,
  ],
  ['took', `${((Date.now() - startedAt) / 60_000).toFixed(1)} min`],
]
console.log(`| soak, seed ${seed} | |\n|---|---|`)
for (const [name, value] of rows) console.log(`| ${name} | ${value} |`)

const grew = memory.last > 1.1 * memory.second
if (lost > 0 || duplicates > 0 || accepted.size < orders || grew) {
  console.error('The soak failed: something was lost, made twice, refused for good, or memory grew.')
  process.exitCode = 1
}
