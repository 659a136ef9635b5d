import { expect, test } from '@jest/globals'
import { maxReceiveCount, times } from '../simulation/times.ts'
import { resources } from './templates.ts'

const functions = resources('prod', 'stateless', 'AWS::Lambda::Function').map(
  ([, { Properties }]) => Properties,
)
const withVariable = (name: string) =>
  functions.filter(({ Environment }) => Environment?.Variables[name] !== undefined)

test("the simulation's workers have the times of the deployed ones", () => {
  const workers = withVariable('VENDOR')
  expect(workers).not.toHaveLength(0)
  for (const { Timeout, Environment } of workers) {
    expect(Timeout).toBe(times.workerTimeoutMs / 1000)
    expect(Environment.Variables).toMatchObject({
      CLAIM_MS: `${times.claimMs}`,
      MAX_RECEIVE_COUNT: `${maxReceiveCount}`,
      OUTBOX_GRACE_MS: `${times.graceMs}`,
    })
    const { VENDOR, RETRY, BREAKER } = Environment.Variables
    expect(JSON.parse(VENDOR)).toMatchObject({ timeoutMs: times.vendorTimeoutMs, settleMs: times.settleMs })
    expect(JSON.parse(RETRY)).toMatchObject({ delaysMs: times.retryDelaysMs })
    expect(JSON.parse(BREAKER)).toEqual(times.breaker)
  }
})

test("the simulation's relay has the times of the deployed one", () => {
  const relays = withVariable('RELAY_INTERVAL_MS')
  expect(relays).not.toHaveLength(0)
  for (const { Environment } of relays)
    expect(Environment.Variables).toMatchObject({
      RELAY_INTERVAL_MS: `${times.relayIntervalMs}`,
      RELAY_BACKOFF_MS: JSON.stringify(times.backoffMs),
    })
})
