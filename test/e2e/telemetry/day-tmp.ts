import { startCloud } from '/work/main/test/e2e/cloud.ts'
import { createBadDay } from '/work/main/test/e2e/telemetry/bad-day.ts'
import { crashesIn, logEntriesIn, readLogs } from '/work/main/test/e2e/telemetry/measurements.ts'
import { createOperator } from '/work/main/test/e2e/telemetry/operator.ts'

const t0 = Date.now()
const at = (s: string) => console.log(((Date.now() - t0) / 1000).toFixed(1), s)
const cloud = await startCloud({ speed: 120 })
at('started')
const operator = await createOperator(cloud)
const day = createBadDay(cloud, operator, await cloud.token())
await day.goesWell()
at('goesWell')
await day.poison()
await day.vendorsRefuse(15)
at('refuse')
await day.eventsOutOfOrder()
at('outOfOrder')
await day.eventsAreLost()
at('lost')
await day.announcementIsLost()
at('announcement')
await day.vendorsAreDown(9000)
at('down')
await day.vendorsAreSlow(60)
at('slow')
for (const name of ['logistics-worker', 'wms-worker', 'outbox-relay']) {
  await day.functionCrashes(name, async () => crashesIn(logEntriesIn(await readLogs(cloud, name))).length > 0)
  at('crash ' + name)
}
await day.clicksFail(6, 2500)
at('clicks')
console.log((await readLogs(cloud)).length)
operator.close()
await cloud.stop()
process.exit()
