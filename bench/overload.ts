import type { Load, LoadResult } from '../test/simulation/load.ts'
import { type PoisonKind, poisonKinds } from '../test/simulation/models/poison.ts'
import { Pool } from '../test/simulation/pool.ts'
import { simulate } from './capacity/model.ts'
import { progress, type Row } from './report.ts'
import { quantile } from './statistics.ts'

/** Plays loads in virtual time, with the simulation's models and the functions' real code. */
async function play(part: string, loads: readonly Load[]): Promise<LoadResult[]> {
  const pool = new Pool()
  const results: LoadResult[] = []
  await pool.run(
    loads.map((load) => ({ kind: 'load', load })),
    ({ loadResult }) => {
      if (loadResult) results.push(loadResult)
      progress(`${part}: ${results.length} of ${loads.length} loads`)
      return true
    },
  )
  await pool.close()
  return results
}

const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)

/** The carrier's real rate in calls per second, and for how many seconds orders arrive. */
const [takesPerSecond, seconds] = [5, 600]

/** Measures loads from half to twice the carrier's rate. */
export async function measureOverload(): Promise<Row[]> {
  const part = '6 overload'
  const shares = [0.5, 0.9, 1, 1.25, 2]
  const loads = [1, 2.5].flatMap((factor) =>
    [undefined, 1].flatMap((retryAfterSeconds) =>
      shares.map(
        (share): Load => ({
          ordersPerSecond: share * takesPerSecond,
          configuredPerSecond: factor * takesPerSecond,
          seconds,
          takesPerSecond,
          ...(retryAfterSeconds && { retryAfterSeconds }),
        }),
      ),
    ),
  )
  const results = await play(part, loads)
  return loads.map((load) => {
    const result = results.find((each) => JSON.stringify(each.load) === JSON.stringify(load))
    if (!result) throw new Error('A load has no result')
    const { served, offered, takenCalls, refusedByMinute, deadLetters } = result
    const goodput = served / Math.min(offered, takesPerSecond * seconds)
    const late = sum(refusedByMinute.slice(1))
    const refused = late / (late + takenCalls * (1 - 60 / seconds))
    const knows = load.configuredPerSecond === takesPerSecond
    return {
      part,
      what: `${percent(load.ordersPerSecond / takesPerSecond, 0)} of the carrier's rate, ${knows ? 'which the config knows' : 'of which the config says 2.5 times as much'}${load.retryAfterSeconds ? ', Retry-After' : ''}`,
      ours: `${served} of ${offered} orders in ${seconds / 60} minutes`,
      figure: `${percent(goodput)} of what is possible, ${percent(refused)} of the calls answered 429 after the first minute, ${deadLetters} dead-lettered`,
      target: '≥ 95 %, ≤ 2 %, 0',
      holds: goodput >= 0.95 && refused <= 0.02 && deadLetters === 0,
    }
  })
}

/** Measures orders that the carrier never serves, among 180 good orders per hour. */
export async function measurePoison(): Promise<Row[]> {
  const part = '7 poison'
  const hour = { ordersPerSecond: 180 / 3600, seconds: 3600, watchedSeconds: 3 * 3600 }
  const counts = [1, 5, 20]
  const results = await play(part, [
    hour,
    ...poisonKinds.flatMap((kind) => counts.map((count): Load => ({ ...hour, poison: { kind, count } }))),
  ])
  const p99 = (result: LoadResult | undefined) => quantile(result?.delaysMs ?? [], 0.99)
  const calm = p99(results.find(({ load }) => load.poison === undefined))
  const resultOf = (kind: PoisonKind, count: number) =>
    results.find(({ load: { poison } }) => poison?.kind === kind && poison.count === count)
  return poisonKinds.map((kind) => {
    const all = counts.map((count) => resultOf(kind, count))
    const slowest = Math.max(...all.map((result) => p99(result) / calm))
    const isItsOwn = all.every(
      (result) => result?.waiting === 0 && result.poisonAttempts.every((attempts) => attempts === 4),
    )
    return {
      part,
      what: `180 good orders an hour, and ${counts.join(', ')} that get: ${kind}`,
      ours: `p99 of the good ones ${all.map((result) => p99(result).toFixed(0)).join(', ')} ms`,
      baseline: `${calm.toFixed(0)} ms without them`,
      figure: `${slowest.toFixed(2)} × at most; each dead-lettered by its own attempts: ${isItsOwn ? 'yes' : 'no'}`,
      target: '≤ 2 ×, yes',
      holds: slowest <= 2 && isItsOwn,
    }
  })
}

const recoverySeconds = { before: 100, down: 1200, after: 900 }

/** Measures an outage of the carrier while orders keep arriving. */
export async function measureRecovery(): Promise<Row[]> {
  const part = '5 recovery'
  const { before, down, after } = recoverySeconds
  const perSecond = { ordersPerSecond: 0.4, configuredPerSecond: 2.5 }
  const [result] = await play(part, [
    {
      ...perSecond,
      seconds: before + down + after,
      watchedSeconds: before + down + 2 * after,
      down: { fromMs: before * 1000, toMs: (before + down) * 1000 },
    },
  ])
  if (!result) throw new Error('A load has no result')
  const { calls, offered, deadLetters, drainedMs } = result
  const predicted = simulate({
    ordersPerSecond: perSecond.ordersPerSecond,
    vendorRatePerSecond: perSecond.configuredPerSecond,
    configuredRatePerSecond: perSecond.configuredPerSecond,
    relayPerSecond: 1000,
    vendorLatencyMs: 20,
    concurrency: 4,
    outageSeconds: down,
  })
  return [
    {
      part,
      what: `orders of an outage of ${down} s are done after its end`,
      ours: `${(drainedMs / 1000).toFixed(0)} s`,
      figure: `predicted by npx orderctl capacity: ${predicted.drainSeconds?.toFixed(0) ?? '–'} s`,
    },
    {
      part,
      what: `calls of the vendor for an order, ${deadLetters} of ${offered} dead-lettered`,
      ours: `${calls} in all`,
      figure: (calls / offered).toFixed(3),
      target: '≤ 1.1, 0',
      holds: calls / offered <= 1.1 && deadLetters === 0,
    },
  ]
}
