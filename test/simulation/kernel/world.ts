import { AwsError, type Json, NotModelled } from '../models/aws-error.ts'
import { createDynamoDbModel, type DynamoDbModel } from '../models/dynamodb.ts'
import type { Item } from '../models/expressions.ts'
import { type BusEvent, createEventBridgeModel } from '../models/event-bridge.ts'
import { createSqsModel, type SqsModel } from '../models/sqs.ts'
import { VendorModel, type VendorTraits } from '../models/vendor.ts'
import { Chance } from './chance.ts'
import { EventSource } from './event-source.ts'
import { DeployedFunction } from './functions.ts'
import type { FunctionModel, Invocation } from './invocation.ts'
import { short } from './labels.ts'
import { type Fault, type Intrusion, isIntrusion, type Place, type PlaceKind, type Plan, type Strike } from './places.ts'
import { Timeline } from './timeline.ts'

/** A vendor, or the way into its queue, is out of order for a while. In ms from the start. */
export interface Outage {
  vendor: VendorName
  kind: 'refuses' | 'fails' | 'hangs' | 'works and hangs' | 'asks for a pause' | 'refuses our credential'
  fromMs: number
  toMs: number
}
export const vendorNames = ['logistics', 'wms'] as const
export type VendorName = (typeof vendorNames)[number]

/** How the world is. */
export interface WorldOptions {
  seed: number
  vendors: Record<VendorName, VendorTraits>
  outages: readonly Outage[]
  /** Between these moments the rules deliver nothing: somebody broke them. In ms from the start. */
  brokenRules?: { fromMs: number; toMs: number } | undefined
  /** Clocks of instances go wrong by up to so much. */
  skewMs: number
  /** Indexes are behind by up to so much. */
  indexLagMs: number
  /** How often an invocation gets a new instance although an idle one is there. */
  coldStartRate: number
  /** Whether calls take a steady few ms, or anything up to the SDK's time-out. */
  isWild: boolean
}

/** What is deployed: functions by name, the queues that feed them, and the settings that the world shares. */
export interface Deployment {
  functions: readonly FunctionModel[]
  relayIntervalMs: number
  visibilityTimeoutMs: number
  maxReceiveCount: number
}

/** An event that EventBridge took in. */
export interface PublishedEvent extends BusEvent {
  at: number
}

/** What watches a world. */
export interface Watcher {
  onWrite(table: string, key: string, after: Item | undefined): void
  onVendorCall(call: { invocation: Invocation; vendor: VendorName; reference: string; isCreate: boolean }): void
}

/** 2026-11-02T09:00:00Z */
const start = Date.UTC(2026, 10, 2, 9)
const consumers: Record<string, VendorName> = { ORDER_CREATED: 'logistics', AWB_GENERATED: 'wms' }

/** One run's world: virtual time, the models of AWS and of the vendors, the functions, and what goes wrong. */
export class World {
  readonly timeline = new Timeline(start)
  readonly options: WorldOptions
  readonly chance: Chance
  readonly dynamoDb: DynamoDbModel
  readonly sqs: SqsModel
  readonly published: PublishedEvent[] = []
  readonly places: Place[] = []
  readonly struck: Strike[] = []
  /** What AWS or a vendor held against us. */
  readonly complaints: string[] = []
  /** Lines of the story, where somebody listens. */
  story: string[] | undefined
  watcher: Watcher | undefined
  /** What an intrusion does; the actors know. */
  intrude: (intrusion: Intrusion) => void = () => {}
  /** A message has come into a queue or a DLQ. */
  onQueued: () => void = () => {}
  readonly #plan: Plan
  readonly #deployment: Deployment
  readonly #functions: Map<string, DeployedFunction>
  readonly #vendors: Record<VendorName, VendorModel>
  readonly #sources: EventSource[]
  readonly #counts = new Map<string, number>()
  readonly #bus = createEventBridgeModel({
    deliver: (event) => this.#route(event),
    now: () => this.timeline.now,
  })
  #indexedAt = 0
  /** What the outbox index shows, as of a revision of it: which partitions, and when the earliest is due. */
  #outbox = { revision: 0, partitions: new Set<string>(), due: undefined as number | undefined }
  #relayedAt = 0

  constructor(deployment: Deployment, options: WorldOptions, plan: Plan) {
    this.options = options
    this.chance = new Chance(options.seed)
    this.#plan = plan
    this.#deployment = deployment
    const now = () => this.timeline.now
    this.dynamoDb = createDynamoDbModel(
      {
        orders: {
          key: 'orderId',
          indexes: {
            outbox: { hash: 'outboxPartition', range: 'outboxDueAt' },
            byOwner: { hash: 'ownerId', range: 'createdAt' },
          },
        },
        locks: { key: 'id' },
        circuits: { key: 'vendor' },
      },
      {
        ...(options.indexLagMs > 0 && { lag: (apply: () => void) => this.#lag(apply) }),
        onWrite: (table, key, after) => this.watcher?.onWrite(table, key, after),
      },
    )
    const { visibilityTimeoutMs, maxReceiveCount } = deployment
    const queue = (name: string) => ({ visibilityTimeoutMs, deadLetterQueue: { name, maxReceiveCount } })
    this.sqs = createSqsModel(
      {
        ...{ 'logistics-queue': queue('logistics-dlq'), 'wms-queue': queue('wms-dlq') },
        ...{ 'logistics-dlq': { visibilityTimeoutMs }, 'wms-dlq': { visibilityTimeoutMs } },
      },
      now,
    )
    const { vendors } = options
    this.#vendors = {
      logistics: new VendorModel('logistics', vendors.logistics, now),
      wms: new VendorModel('wms', vendors.wms, now),
    }
    this.#functions = new Map(
      deployment.functions.map((model) => [model.name, new DeployedFunction(this, model)]),
    )
    this.#sources = vendorNames.map(
      (name) => new EventSource(this, `${name}-queue`, this.function(`${name}-worker`)),
    )
  }

  function(name: string): DeployedFunction {
    const found = this.#functions.get(name)
    if (!found) throw new NotModelled(`There is no function ${name}`)
    return found
  }

  vendor(name: string): VendorModel {
    const vendor = this.#vendors[name as VendorName]
    if (!vendor) throw new NotModelled(`There is no vendor ${name}`)
    return vendor
  }

  /** Time since the start, in ms. */
  get elapsedMs(): number {
    return this.timeline.now - start
  }

  outageOf(vendor: VendorName): Outage['kind'] | undefined {
    const { elapsedMs } = this
    return this.options.outages.find(
      (outage) => outage.vendor === vendor && outage.fromMs <= elapsedMs && elapsedMs < outage.toMs,
    )?.kind
  }

  latencyMs(address: string): number {
    if (!this.options.isWild) return 5
    const isSlow = this.chance.happens(`${address} slow`, 0.05)
    return this.chance.between(`${address} ms`, 1, isSlow ? 300 : 20)
  }

  /** Whether the outbox index shows anything in a partition. */
  holds(partition: string): boolean {
    this.#readOutbox()
    return this.#outbox.partitions.has(partition)
  }

  /** Names the place of a call, and says what strikes there. Intrusions happen at once. */
  strike(name: string, kind: PlaceKind): { address: string; fault: Fault | undefined } {
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    const place = { address: `${short(name)} #${count}`, kind }
    this.places.push(place)
    const fault = this.#plan.at(place, this.elapsedMs)
    if (fault === undefined) return { ...place, fault }
    this.struck.push({ address: place.address, fault })
    this.tell('***', fault, 'at', place.address)
    if (isIntrusion(fault)) this.intrude(fault)
    return { ...place, fault }
  }

  /** A line of the story. */
  tell(who: string, ...what: unknown[]): void {
    if (!this.story) return
    const words = what.map((word) => (word instanceof Error ? `${word.name}: ${word.message}` : String(word)))
    const at = (this.elapsedMs / 1000).toFixed(3).padStart(9)
    this.story.push(short(`${at} s  ${who}  ${words.filter(Boolean).join(' ')}`.slice(0, 300)))
  }

  /** A call takes effect. What AWS answers in error is returned, and what the models do not know is thrown. */
  effect(service: string, action: string, input: Json, isRefused: boolean): Json | AwsError {
    try {
      if (service === 'dynamodb') return this.dynamoDb.call(action, input)
      if (service === 'events') return this.#bus.call(action, input, isRefused ? 'InternalFailure' : undefined)
      if (service === 'secretsmanager') return { SecretString: 'sesame' }
      if (isRefused) return { Successful: [], Failed: (input.Entries as Json[]).map(({ Id }) => ({ Id })) }
      const answer = this.sqs.call(action, input)
      this.wake()
      return answer
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      if (error.code !== 'ConditionalCheckFailedException' && !error.message.includes('visibility timeout change'))
        this.complaints.push(`AWS refuses ${service}:${action}: ${error.message}`)
      return error
    }
  }

  /** Somebody put a message into a queue, or made one visible. */
  wake(): void {
    for (const source of this.#sources) source.wake()
    this.onQueued()
  }

  onVendorCall(call: Parameters<Watcher['onVendorCall']>[0]): void {
    this.watcher?.onVendorCall(call)
  }

  /** The last event that each step got comes once more. */
  redeliver(): void {
    for (const step of vendorNames) {
      const last = this.published.findLast((event) => consumers[event['detail-type']] === step)
      if (!last) continue
      const { at, ...event } = last
      this.#enqueue(step, event)
    }
  }

  /** Runs the relay now, unless it is running. */
  runRelay(): void {
    const relay = this.function('outbox-relay')
    if (relay.isFree) relay.invoke({}, () => {})
  }

  /**
   * Lets everything happen until nothing will: no call or message under way, and nothing in the outbox.
   * @returns whether it came to rest before `horizonMs`
   */
  async run(horizonMs: number): Promise<boolean> {
    while (this.elapsedMs < horizonMs) {
      const tick = this.#nextRelay()
      const { next } = this.timeline
      if (tick !== undefined && (next === undefined || tick < next)) {
        this.#relayedAt = tick
        this.timeline.at(tick, () => this.runRelay())
      } else if (next === undefined) return true
      await this.timeline.step()
    }
    return false
  }

  /** The schedule's next run that finds something due; runs that find nothing are left out. */
  #nextRelay(): number | undefined {
    const { relayIntervalMs } = this.#deployment
    this.#readOutbox()
    const { due } = this.#outbox
    if (due === undefined) return undefined
    const earliest = Math.max(due, this.#relayedAt + 1, this.timeline.now)
    return Math.ceil(earliest / relayIntervalMs) * relayIntervalMs
  }

  #readOutbox(): void {
    const { revision } = this.dynamoDb
    if (this.#outbox.revision === revision) return
    const entries = [...this.dynamoDb.view('orders', 'outbox').values()]
    const text = (value: Item[string] | undefined) => (value && 'S' in value ? value.S : '')
    const dues = entries.map(({ outboxDueAt }) => text(outboxDueAt)).sort()
    const partitions = new Set(entries.map(({ outboxPartition }) => text(outboxPartition)))
    this.#outbox = { revision, partitions, due: dues[0] === undefined ? undefined : Date.parse(dues[0]) }
  }

  /** Index updates come late, and in order. */
  #lag(apply: () => void): void {
    const lagMs = this.chance.between(`index lag ${this.timeline.now}`, 0, this.options.indexLagMs)
    this.#indexedAt = Math.max(this.#indexedAt, this.timeline.now + lagMs)
    this.timeline.at(this.#indexedAt, apply)
  }

  /** The bus's rules: each event into the queue of the step that consumes it. */
  #route(event: BusEvent): void {
    this.published.push({ ...event, at: this.timeline.now })
    const consumer = consumers[event['detail-type']]
    if (!consumer) return
    const { brokenRules } = this.options
    const orderId = (event.detail as { data: { orderId: string } }).data.orderId
    const { address, fault } = this.strike(`bus: ${event['detail-type']} ${orderId} to ${consumer}`, 'delivery')
    const isBroken = brokenRules && brokenRules.fromMs <= this.elapsedMs && this.elapsedMs < brokenRules.toMs
    if (fault === 'lost' || isBroken) return this.tell('bus', 'loses', event['detail-type'], orderId)
    const lateMs = fault === 'late' ? this.chance.between(`${address} lateness`, 5000, 200_000) : 0
    const deliver = () => this.#enqueue(consumer, event)
    this.timeline.after(this.latencyMs(address) + lateMs, deliver)
    if (fault === 'twice') this.timeline.after(this.latencyMs(`${address} again`), deliver)
  }

  #enqueue(consumer: VendorName, event: BusEvent): void {
    this.sqs.call('SendMessage', { QueueUrl: `${consumer}-queue`, MessageBody: JSON.stringify(event) })
    this.wake()
  }
}
