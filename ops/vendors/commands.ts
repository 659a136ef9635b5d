import {
  type Circuit,
  createCircuitBreaker,
  createCircuitReader,
} from '../../lambdas/adapters/circuit-breaker.ts'
import type { OrderRepository } from '../../lambdas/adapters/order-repository.ts'
import { type StepName, stepNames } from '../../lambdas/domain/order.ts'
import { outboxPartitions } from '../../lambdas/domain/outbox.ts'
import type { Report } from '../frame/cli.ts'
import type { Environment } from '../frame/environment.ts'
import { count, table } from '../frame/words.ts'
import { circuitText, circuitView } from './circuit-view.ts'

/** What the commands of `vendor` work with. A step's vendor has the step's name. */
export interface VendorDeps {
  environment: Pick<Environment, 'name' | 'documents' | 'circuitBreakerTable'>
  repository: Pick<OrderRepository, 'count'>
  now: () => number
}

/** `vendor status`: every vendor's circuit, and the orders that are at its step. */
export async function vendorStatus({ environment, repository, now }: VendorDeps): Promise<Report> {
  const { name, documents, circuitBreakerTable } = environment
  const vendors = await Promise.all(
    stepNames.map(async (vendor) => {
      const circuit = await createCircuitReader(documents, circuitBreakerTable, vendor)()
      const counts = await Promise.all(outboxPartitions(vendor).map((each) => repository.count(each)))
      const unfinished = counts.reduce((sum, each) => sum + each, 0)
      return { vendor, ...circuitView(circuit, now()), unfinishedOrders: unfinished }
    }),
  )
  const rows = vendors.map(({ vendor, unfinishedOrders, ...view }) => [
    ...[vendor, `${count(unfinishedOrders, 'order')} at this step`, circuitText(view, vendor)],
  ])
  return { text: table(rows), json: { environment: name, vendors } }
}

/** Holding needs none of a breaker's times: they say when a circuit opens by itself, which is the workers' business. */
const noPolicy = { failureThreshold: 1, openMs: 1, maxOpenMs: 1, cacheMs: 1, probeMs: 1 }

/** `vendor pause` and `vendor resume`: an operator's hold on a vendor's circuit. */
export async function holdVendor(
  { environment, now }: Omit<VendorDeps, 'repository'>,
  vendor: StepName,
  held: boolean,
): Promise<Report> {
  const { name, documents, circuitBreakerTable } = environment
  const breaker = createCircuitBreaker(documents, {
    tableName: circuitBreakerTable,
    vendor,
    policy: noPolicy,
    onError: (error) => {
      throw error
    },
  })
  const circuit: Circuit = await breaker.hold(held, now())
  const view = circuitView(circuit, now())
  const after = {
    held: 'Orders come in as ever and wait at this step. "vendor resume" lets them on.',
    closed:
      'The orders that wait are sent on by the relay, within minutes and at the rate that the vendor takes.',
    open: 'It was down before it was held: the orders go on by themselves when a probe finds it back.',
  }
  return {
    text: `${vendor}: ${circuitText(view, vendor)}.\n${after[view.state === 'half-open' ? 'open' : view.state]}`,
    json: { environment: name, vendor, ...view },
  }
}
