import type { Context } from 'aws-lambda'
import { firstStep, type StepName, stepNames } from '../../lambdas/domain/chain.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { ownSteps } from '../../lambdas/domain/own-steps.ts'
import type { Routes } from '../../lambdas/domain/routing.ts'
import type { Settlement } from '../../lambdas/domain/settlement.ts'
import { adapters } from '../../vendors/adapters.ts'
import { easyPostTestAccount } from '../../vendors/easypost/options.ts'
import { forEachStep } from '../for-each-step.ts'
import { addPatches, type Patch } from './hooks.ts'
import {
  coachsShop,
  couriersShop,
  type Deployment,
  stepOf,
  type VendorName,
  vendorNames,
  type WorldOptions,
} from './kernel/options.ts'
import { createDynamoDb, createEventBridge, createSqs, systemClock } from './kernel/sdk.ts'
import { createTelemetry } from './kernel/telemetry.ts'
import { fetchFromVendor } from './kernel/vendors.ts'
import { vendorCodes } from './models/vendor.ts'
import { nextRelease } from './next-release.ts'
import { maxReceiveCount, times } from './times.ts'

const isOwn = (step: StepName): boolean => ownSteps().some((own) => own.step === step)

type Handler = (event: never, context: Context) => Promise<unknown>

/** Imports the modules of lambdas/, unchanged or with a mutant's patches. */
async function load(mutant?: string) {
  const from = <Module>(path: string): Promise<Module> =>
    import(`../../lambdas/${path}${mutant ? `?mutant=${mutant}` : ''}`)
  return {
    ...(await from<typeof import('../../lambdas/adapters/outbox-repository.ts')>(
      'adapters/outbox-repository.ts',
    )),
    ...(await from<typeof import('../../lambdas/adapters/event-publisher.ts')>(
      'adapters/event-publisher.ts',
    )),
    ...(await from<typeof import('../../lambdas/adapters/step-queue.ts')>('adapters/step-queue.ts')),
    ...(await from<typeof import('../../lambdas/adapters/circuit.ts')>('adapters/circuit.ts')),
    ...(await from<typeof import('../../lambdas/adapters/lease.ts')>('adapters/lease.ts')),
    createRelay: (await from<typeof import('../../lambdas/outbox-relay.ts')>('outbox-relay.ts'))
      .createHandler,
    workers: new Map(
      await Promise.all(
        stepNames
          .filter((step) => !isOwn(step))
          .map(
            async (step) =>
              [step, await from<{ createHandler: () => Handler }>(`${step}-worker.ts`)] as const,
          ),
      ),
    ),
    createOrder: (await from<typeof import('../../lambdas/create-order.ts')>('create-order.ts'))
      .createHandler,
    cancelOrder: (await from<typeof import('../../lambdas/cancel-order.ts')>('cancel-order.ts'))
      .createHandler,
    ...(await from<typeof import('../../lambdas/application/operator-actions.ts')>(
      'application/operator-actions.ts',
    )),
    correctOrder: (await from<typeof import('../../lambdas/correct-order.ts')>('correct-order.ts'))
      .createHandler,
  }
}

const queueUrls = (lane: VendorName) => ({
  queueUrl: `https://sqs.simulated/${lane}-queue`,
  deadLetterQueueUrl: `https://sqs.simulated/${lane}-dlq`,
})

/** Each step has a vendor with its name; a second carrier, if there is one, gets the orders of one shop. */
function routesOf({ hasCourier, hasCoach }: Carriers, own?: StepName): Routes {
  const routes = {
    ...forEachStep((step) => [{ vendor: step }]),
    [firstStep]: [
      ...(hasCourier ? [{ when: { shops: [couriersShop] }, vendor: 'courier' }] : []),
      ...(hasCoach ? [{ when: { shops: [coachsShop] }, vendor: 'coach' }] : []),
      { vendor: firstStep },
    ],
  }
  // Of an application's own steps only the one with an adapter is played; orders skip the others.
  for (const { step } of ownSteps()) if (step !== own) Reflect.deleteProperty(routes, step)
  return routes
}

/** The key retention, in ms, of a vendor that keeps idempotency keys for ever. */
const foreverMs = 365 * 86_400_000

/** Each vendor's configuration: its calls per second, and the concurrency of its worker. */
const usualPerSecond = 20
const concurrency = 4

/** The configured options of each adapter. */
export const accounts = {
  contract: { options: {} },
  easypost: easyPostTestAccount,
  'amazon-mcf': { options: { marketplaceId: 'ATVPDKIKX0DER', speeds: {}, comment: 'Thank you!' } },
  own: { options: {} },
}

/** The world's options that affect the deployment. */
type Settings = Pick<
  WorldOptions,
  'vendors' | 'waitingLimitMs' | 'releasedAtMs' | 'configuredPerSecond' | 'hasCourier' | 'hasCoach'
>
type Carriers = Pick<Settings, 'hasCourier' | 'hasCoach'>

/** The environment of a lane's worker, with the vendor's capabilities in the current world. */
function environmentOf(
  lane: VendorName,
  { vendors, waitingLimitMs, configuredPerSecond = usualPerSecond }: Settings,
) {
  const {
    honoursIdempotencyKey,
    canBeLookedUp,
    canBeCancelled = true,
    keysKeptMs = foreverMs,
    adapter = 'contract',
  } = vendors[stepOf(lane)]
  const { queueUrl, deadLetterQueueUrl } = queueUrls(lane)
  return {
    ORDER_TABLE_NAME: 'orders',
    OWNER_CLAIM: 'sub',
    IDEMPOTENCY_TABLE_NAME: 'locks',
    CIRCUIT_BREAKER_TABLE_NAME: 'circuits',
    EVENT_BUS_NAME: 'orders',
    QUEUE_URL: queueUrl,
    DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
    ORDER_RETENTION_DAYS: '30',
    OUTBOX_GRACE_MS: `${times.graceMs}`,
    MAX_RECEIVE_COUNT: `${maxReceiveCount}`,
    CLAIM_MS: `${times.claimMs}`,
    QUEUE_WAIT_UNIT_MS: '1000',
    WAITING_LIMIT_MS: `${waitingLimitMs}`,
    VENDOR_SECRET_ARN: `arn:aws:secretsmanager:eu-west-1:000000000000:secret:${lane}`,
    VENDOR: JSON.stringify({
      name: lane,
      url: `http://${lane}`,
      timeoutMs: times.vendorTimeoutMs,
      adapter,
      calls: adapters[adapter]?.calls ?? 2,
      options: accounts[adapter].options,
      auth: adapter === 'amazon-mcf' ? { tokenUrl: `https://${lane}/auth/o2/token` } : 'bearer',
      honoursIdempotencyKey,
      canBeLookedUp,
      canBeCancelled,
      settleMs: times.settleMs,
      keysKeptHours: keysKeptMs / 3_600_000,
      codes: vendorCodes,
      ratePerSecond: configuredPerSecond,
      concurrency,
    }),
    RETRY: JSON.stringify({ delaysMs: times.retryDelaysMs, waitingLimitMs }),
    BREAKER: JSON.stringify(times.breaker),
  }
}

/** An application's own adapter, which replaces the one of its step. */
export interface OwnAdapter {
  step: StepName
  createHandler: () => Handler
}

/** Deploys the functions under test, wired as their own files wire them. */
export type Pipeline = (settings: Settings) => Promise<Deployment>

const idOf = (name: string) => name.replace(/\W+/g, '-')

/** Loads lambdas/, unchanged or with a mutant's patches. */
export async function loadPipeline(
  mutant?: { name: string; patches: readonly Patch[] },
  own?: OwnAdapter,
): Promise<Pipeline> {
  const id = mutant && idOf(mutant.name)
  if (mutant && id) addPatches(id, mutant.patches)
  let next: ReturnType<typeof load> | undefined
  /** Loads the next release when a world first needs it. */
  const loadNext = () => {
    const nextId = `${id ?? 'code'}-next`
    addPatches(nextId, [...(mutant?.patches ?? []), ...nextRelease])
    next ??= load(nextId)
    return next
  }
  // The handler files read the environment on import, so any valid values do.
  const someVendor = { honoursIdempotencyKey: true, canBeLookedUp: true }
  const someSettings = { vendors: forEachStep(() => someVendor), waitingLimitMs: times.waitingLimitMs }
  const stepsOf = ({ hasCourier, hasCoach }: Carriers) =>
    vendorNames
      .filter((vendor) => (vendor !== 'courier' || hasCourier) && (vendor !== 'coach' || hasCoach))
      .map((vendor) => ({
        step: stepOf(vendor),
        vendor,
        ...queueUrls(vendor),
        ratePerSecond: usualPerSecond,
      }))
  Object.assign(process.env, environmentOf(firstStep, someSettings), {
    OUTBOX_SHARDS: '16',
    RELAY_INTERVAL_MS: `${times.relayIntervalMs}`,
    RELAY_BACKOFF_MS: JSON.stringify(times.backoffMs),
    LANES: JSON.stringify(stepsOf({})),
    ROUTES: JSON.stringify(routesOf({}, own?.step)),
    LIMITS: '{}',
  })
  globalThis.fetch = fetchFromVendor
  const code = await load(id)
  const { documents } = createDynamoDb()
  const repository = () => code.createOutboxRepository(documents, 'orders')
  const publisher = () => code.createEventPublisher(createEventBridge(), 'orders')
  const { graceMs } = times
  const telemetry = createTelemetry()
  const api = (settings: Carriers) => ({
    repository: repository(),
    publisher: publisher(),
    telemetry,
    ownerClaim: 'sub',
    graceMs,
    outboxShards: 16,
    routes: routesOf(settings, own?.step),
    limits: {},
    now: systemClock,
    random: Math.random,
    retentionMs: 30 * 86_400_000,
  })
  const api10s = { timeoutMs: 10_000, concurrency: 50 }
  const actor = { by: 'operator', who: 'operator', note: 'as the vendor says' } as const
  const orRefused = async (work: Promise<Order>) => {
    try {
      const { status } = await work
      return { status }
    } catch (error) {
      if (error instanceof Error && error.name === 'Rejection') return { refused: error.message }
      throw error
    }
  }
  /** `npx orderctl order settle` … */
  const settle = ({ orderId, settlement }: { orderId: string; settlement: Settlement }) =>
    orRefused(code.settleOrder(api({}), { orderId, actor }, settlement))
  /** … and `reroute`. */
  const reroute = ({ orderId, to }: { orderId: string; to: VendorName }) => {
    const target = { name: to, step: stepOf(to), limits: {} }
    return orRefused(code.rerouteOrder(api({}), { orderId, actor }, target))
  }
  const relay = ({ waitingLimitMs, configuredPerSecond = usualPerSecond, ...carriers }: Settings) =>
    code.createRelay({
      lanes: stepsOf(carriers).map(({ step, vendor, ratePerSecond: _, ...urls }) => ({
        step,
        vendor,
        ratePerSecond: configuredPerSecond,
        queue: code.createStepQueue(createSqs(), { ...urls, waitUnitMs: 1000 }),
        readCircuit: code.createCircuitReader(documents, 'circuits', vendor),
      })),
      repository: repository(),
      publisher: publisher(),
      telemetry,
      now: systemClock,
      graceMs,
      intervalMs: times.relayIntervalMs,
      backoffMs: times.backoffMs,
      leaseOf: (name: string) => code.createLease(documents, 'locks', name),
      shards: 16,
      waitingLimitMs,
    })

  return async (settings) => {
    const release = settings.releasedAtMs === undefined ? undefined : await loadNext()
    const workers = vendorNames.map((lane) => {
      const createFrom = (loaded: typeof code) => () => {
        Object.assign(process.env, environmentOf(lane, settings))
        if (own && stepOf(lane) === own.step) return own.createHandler()
        const worker = loaded.workers.get(stepOf(lane))
        if (!worker) throw new Error(`${lane} has no worker`)
        return worker.createHandler()
      }
      return {
        name: `${lane}-worker`,
        timeoutMs: times.workerTimeoutMs,
        concurrency,
        create: createFrom(code),
        ...(release && { createNext: createFrom(release) }),
        isWorker: true,
      }
    })
    return {
      functions: [
        { name: 'create-order', ...api10s, create: () => code.createOrder(api(settings)) as Handler },
        { name: 'cancel-order', ...api10s, create: () => code.cancelOrder(api(settings)) as Handler },
        { name: 'correct-order', ...api10s, create: () => code.correctOrder(api(settings)) as Handler },
        { name: 'settle-order', ...api10s, create: () => settle as Handler },
        { name: 'reroute-order', ...api10s, create: () => reroute as Handler },
        ...workers,
        { name: 'outbox-relay', timeoutMs: 50_000, concurrency: 2, create: () => relay(settings) as Handler },
      ],
      relayIntervalMs: times.relayIntervalMs,
      visibilityTimeoutMs: 6 * times.workerTimeoutMs,
      maxReceiveCount,
    }
  }
}
