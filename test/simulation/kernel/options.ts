import { firstStep, type StepName, stepNames } from '../../../lambdas/domain/chain.ts'
import type { Item } from '../models/expressions.ts'
import type { VendorTraits } from '../models/vendor.ts'
import type { FunctionModel, Invocation } from './invocation.ts'

/** Each step's vendor has the step's name. Some worlds have a second carrier, or a third, each of one shop. */
export type VendorName = StepName | 'courier' | 'coach'
export const vendorNames: readonly VendorName[] = [...stepNames, 'courier', 'coach']
export const couriersShop = 'rival'
export const coachsShop = 'third'
/** The other carrier, to which an operator gives a carrier's orders. */
export const otherCarrier = (vendor: string | undefined): VendorName =>
  vendor === 'courier' ? firstStep : 'courier'
export const stepOf = (vendor: VendorName): StepName =>
  vendor === 'courier' || vendor === 'coach' ? firstStep : vendor

/** A span of time, in ms from the start. */
export interface Span {
  fromMs: number
  toMs: number
}

export const isWithin = ({ fromMs, toMs }: Span, elapsedMs: number): boolean =>
  fromMs <= elapsedMs && elapsedMs < toMs

/** A vendor, or the connection to it, fails for some time. */
export interface Outage extends Span {
  vendor: VendorName
  kind:
    | 'refuses'
    | 'has a bad certificate'
    | 'fails'
    | 'hangs'
    | 'works and hangs'
    | 'asks for a pause'
    | 'refuses our credential'
    /** A 404 for every order: its firewall, or our URL. */
    | 'refuses every order'
    /** Secrets Manager does not give us our credential. */
    | 'has no credential'
}

/** Something of ours fails for some time. */
export interface OurOutage extends Span {
  what: /** The bus accepts no event. */
    | 'bus'
    /** The rules deliver nothing. */
    | 'rules'
    /** The event source mappings are off: no worker gets a message. */
    | 'mappings'
    /** The workers crash as they start: a bad deployment. */
    | 'workers'
    /** The table of locks, or of orders, is throttled. */
    | 'locks'
    | 'orders'
}

/** What a world is like. */
export interface WorldOptions {
  seed: number
  /** The traits of each step's vendors. */
  vendors: Record<StepName, VendorTraits>
  /** Whether there is a second carrier. */
  hasCourier?: boolean | undefined
  /** Whether there is a third one besides. */
  hasCoach?: boolean | undefined
  outages: readonly Outage[]
  ourOutages: readonly OurOutage[]
  /** What the config says that each vendor takes in a second, where that is not what it mostly says. */
  configuredPerSecond?: number | undefined
  /** How long an order may wait in all. */
  waitingLimitMs: number
  /** When the workers' next release is deployed, which asks the vendors in another way. In ms from the start. */
  releasedAtMs?: number | undefined
  /** Attributes that a new order lacks, since the release before did not write them. */
  writtenWithout?: readonly string[] | undefined
  /** When TTL removes the orders that have expired by then. In ms from the start. */
  sweptAtMs?: number | undefined
  /** A vendor whose answers no write can store: DynamoDB refuses each as invalid. */
  unwritable?: VendorName | undefined
  /** A batch of events or messages is refused as a whole where it holds an order with this address line. */
  unsendableLine?: string | undefined
  /** Every event is delivered a second time, this long after the first. */
  repeatsAfterMs?: number | undefined
  /** The clocks of instances are wrong by up to this. */
  skewMs: number
  /** Indexes lag by up to this. */
  indexLagMs: number
  /** The share of invocations that get a new instance although there is an idle one. */
  coldStartRate: number
  /** Whether latencies vary, up to the SDK's time-out, instead of being constant. */
  isWild: boolean
}

/** What is deployed: functions by name, the queues that feed them, and the settings that the world shares. */
export interface Deployment {
  functions: readonly FunctionModel[]
  relayIntervalMs: number
  visibilityTimeoutMs: number
  maxReceiveCount: number
}

/** A call of a vendor, and whether its request gets there. */
export interface VendorCall {
  invocation: Invocation
  vendor: VendorName
  orderId: string
  arrives: boolean
}

/** What watches a world. */
export interface Watcher {
  onWrite(table: string, key: string, after: Item | undefined): void
  onVendorCall(call: VendorCall): void
  /** A run of the relay looks into the outbox. */
  onOutboxRead(run: Invocation): void
  /** The relay sends messages or events. */
  onRelayed(orderIds: readonly string[]): void
}
