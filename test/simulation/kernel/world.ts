import { AmazonMcfModel } from '../models/amazon-mcf.ts'
import { type Json, NotModelled } from '../models/aws-error.ts'
import { createDynamoDbModel, type DynamoDbModel } from '../models/dynamodb.ts'
import { EasyPostModel } from '../models/easypost.ts'
import { createSqsModel, type SqsModel } from '../models/sqs.ts'
import { tableModels } from '../models/tables.ts'
import { VendorModel } from '../models/vendor.ts'
import { Bus } from './bus.ts'
import { Chance } from './chance.ts'
import { EventSource } from './event-source.ts'
import {
  type ConcurrentAction,
  type Fault,
  type FaultPoint,
  type FaultPointKind,
  type Injection,
  isConcurrentAction,
  type Plan,
} from './fault-points.ts'
import { DeployedFunction } from './functions.ts'
import { short } from './labels.ts'
import {
  type Deployment,
  isWithin,
  type OurOutage,
  type Outage,
  stepOf,
  type VendorCall,
  type VendorName,
  vendorNames,
  type Watcher,
  type WorldOptions,
} from './options.ts'
import { RelaySchedule } from './relay-schedule.ts'
import { Services } from './services.ts'
import { Timeline } from './timeline.ts'

/** 2026-11-02T09:00:00Z */
const start = Date.UTC(2026, 10, 2, 9)

/** A DynamoDB call and its response. */
export interface RecordedCall {
  action: string
  input: Json
  answer: Json
}

/** The vendor models by adapter; `own` is set for an application's own adapter. */
export const vendorModels = {
  contract: VendorModel,
  easypost: EasyPostModel,
  'amazon-mcf': AmazonMcfModel,
  own: VendorModel,
}

/** The world of one run: virtual time, the models of AWS and of the vendors, the functions, and the faults. */
export class World {
  readonly timeline = new Timeline(start)
  readonly options: WorldOptions
  readonly chance: Chance
  readonly dynamoDb: DynamoDbModel
  readonly sqs: SqsModel
  readonly bus: Bus
  readonly faultPoints: FaultPoint[] = []
  readonly injected: Injection[] = []
  /** Calls that AWS rejected as invalid, and workers that threw. */
  readonly invalidCalls: string[] = []
  /** The run's log, if it is wanted. */
  logLines: string[] | undefined
  watcher: Watcher | undefined
  /** Called with every DynamoDB call as it takes effect. */
  recorder: ((call: RecordedCall) => void) | undefined
  /** Executes a concurrent action. */
  onConcurrentAction: (action: ConcurrentAction) => void = () => {}
  /** Called when a message has arrived in a queue or DLQ. */
  onQueued: () => void = () => {}
  readonly #plan: Plan
  readonly #functions: Map<string, DeployedFunction>
  readonly #vendors: Map<string, VendorModel>
  readonly #sources: EventSource[]
  readonly #counts = new Map<string, number>()
  readonly #schedule: RelaySchedule
  readonly #services: Services
  #indexedAt = 0

  constructor(deployment: Deployment, options: WorldOptions, plan: Plan) {
    this.options = options
    this.chance = new Chance(options.seed)
    this.#plan = plan
    const now = () => this.timeline.now
    this.dynamoDb = createDynamoDbModel(tableModels, {
      ...(options.indexLagMs > 0 && { lag: (apply: () => void) => this.#lag(apply) }),
      onWrite: (table, key, after) => this.watcher?.onWrite(table, key, after),
    })
    const { visibilityTimeoutMs, maxReceiveCount } = deployment
    const queues = vendorNames.flatMap((name) => [
      [`${name}-queue`, { visibilityTimeoutMs, deadLetterQueue: { name: `${name}-dlq`, maxReceiveCount } }],
      [`${name}-dlq`, { visibilityTimeoutMs }],
    ])
    this.sqs = createSqsModel(Object.fromEntries(queues), now)
    this.bus = new Bus(this)
    this.#services = new Services(this)
    this.#schedule = new RelaySchedule(this.dynamoDb, deployment.relayIntervalMs)
    const { vendors } = options
    this.#vendors = new Map(
      vendorNames.map((name) => {
        const traits = vendors[stepOf(name)]
        const Model = vendorModels[traits.adapter ?? 'contract']
        return [name, new Model(name, traits, now)]
      }),
    )
    this.#functions = new Map(
      deployment.functions.map((model) => [model.name, new DeployedFunction(this, model)]),
    )
    this.#sources = vendorNames.map(
      (name) => new EventSource(this, `${name}-queue`, this.function(`${name}-worker`)),
    )
    this.#schedulePlanned()
  }

  /** Schedules the events that the options give times for. */
  #schedulePlanned(): void {
    const { ourOutages, releasedAtMs, sweptAtMs } = this.options
    for (const { what, toMs } of ourOutages) if (what === 'mappings') this.timeline.after(toMs, this.wake)
    if (releasedAtMs !== undefined)
      this.timeline.after(releasedAtMs, () => {
        this.log('operator', 'deploys the next release')
        for (const name of vendorNames) this.function(`${name}-worker`).release()
      })
    if (sweptAtMs !== undefined) this.timeline.after(sweptAtMs, () => this.#sweep())
  }

  /** Removes expired orders, as TTL does: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html */
  #sweep(): void {
    for (const [orderId, { expiresAt }] of [...this.dynamoDb.items('orders')])
      if (expiresAt && 'N' in expiresAt && Number(expiresAt.N) * 1000 <= this.timeline.now) {
        this.log('TTL', `removes ${orderId}`)
        this.dynamoDb.call('DeleteItem', { TableName: 'orders', Key: { orderId: { S: orderId } } })
      }
  }

  function(name: string): DeployedFunction {
    const found = this.#functions.get(name)
    if (!found) throw new NotModelled(`There is no function ${name}`)
    return found
  }

  vendor(name: string): VendorModel {
    const vendor = this.#vendors.get(name)
    if (!vendor) throw new NotModelled(`There is no vendor ${name}`)
    return vendor
  }

  /** Time since the start, in ms. */
  get elapsedMs(): number {
    return this.timeline.now - start
  }

  /** Whether this part of our own system has an outage. */
  isOut(what: OurOutage['what']): boolean {
    const { elapsedMs } = this
    return this.options.ourOutages.some((outage) => outage.what === what && isWithin(outage, elapsedMs))
  }

  outageOf(vendor: VendorName): Outage['kind'] | undefined {
    const { elapsedMs } = this
    return this.options.outages.find((outage) => outage.vendor === vendor && isWithin(outage, elapsedMs))
      ?.kind
  }

  latencyMs(address: string): number {
    if (!this.options.isWild) return 5
    const isSlow = this.chance.happens(`${address} slow`, 0.05)
    return this.chance.between(`${address} ms`, 1, isSlow ? 300 : 20)
  }

  /** Whether an index that the relay reads has any item in a partition. */
  holds(index: 'outbox' | 'deadLetters', partition: string): boolean {
    if (index === 'outbox') return this.#schedule.holds(partition)
    const shown = [...this.dynamoDb.view('orders', index).values()]
    return shown.some(
      ({ deadLetterPartition }) =>
        deadLetterPartition && 'S' in deadLetterPartition && deadLetterPartition.S === partition,
    )
  }

  /** Registers a fault point and returns the fault to inject there. A concurrent action is executed at once. */
  inject(name: string, kind: FaultPointKind): { address: string; fault: Fault | undefined } {
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    const point = { address: `${short(name)} #${count}`, kind }
    this.faultPoints.push(point)
    const fault = this.#plan.faultAt(point, this.elapsedMs)
    if (fault === undefined) return { ...point, fault }
    this.injected.push({ address: point.address, fault })
    this.log('***', fault, 'at', point.address)
    if (isConcurrentAction(fault)) this.onConcurrentAction(fault)
    return { ...point, fault }
  }

  log(who: string, ...what: unknown[]): void {
    if (!this.logLines) return
    const words = what.map((word) => (word instanceof Error ? `${word.name}: ${word.message}` : String(word)))
    const at = (this.elapsedMs / 1000).toFixed(3).padStart(9)
    this.logLines.push(short(`${at} s  ${who}  ${words.filter(Boolean).join(' ')}`.slice(0, 300)))
  }

  /** Makes the event sources poll, after a message was sent or made visible. */
  readonly wake = (): void => {
    for (const source of this.#sources) source.wake()
    this.onQueued()
  }

  /** Executes an AWS call. */
  effect(...call: Parameters<Services['effect']>): ReturnType<Services['effect']> {
    return this.#services.effect(...call)
  }

  onVendorCall(call: VendorCall): void {
    this.watcher?.onVendorCall(call)
  }

  /** Runs the relay now, unless it is running. */
  runRelay(): void {
    const relay = this.function('outbox-relay')
    if (relay.isFree) relay.invoke({}, () => {})
  }

  /**
   * Runs until no call or message is in flight and the outbox is empty.
   * @returns whether it came to rest before `horizonMs`
   */
  async run(horizonMs: number): Promise<boolean> {
    while (this.elapsedMs < horizonMs) {
      const tick = this.#schedule.next(this.timeline.now)
      const { next } = this.timeline
      if (tick !== undefined && (next === undefined || tick < next)) {
        this.#schedule.ran(tick)
        this.timeline.at(tick, () => this.runRelay())
      } else if (next === undefined) return true
      await this.timeline.step()
    }
    return false
  }

  /** Applies an index update after a delay, in order. */
  #lag(apply: () => void): void {
    const lagMs = this.chance.between(`index lag ${this.timeline.now}`, 0, this.options.indexLagMs)
    this.#indexedAt = Math.max(this.#indexedAt, this.timeline.now + lagMs)
    this.timeline.at(this.#indexedAt, apply)
  }
}
