import { firstStep, type StepName, stepNames } from '../../../lambdas/domain/chain.ts'
import type { Item } from '../models/expressions.ts'
import type { VendorTraits } from '../models/vendor.ts'
import type { FunctionModel, Invocation } from './invocation.ts'

/** Each step's vendor has the step's name. Some worlds have a second or third carrier, each for one shop's orders. */
export type VendorName = StepName | 'courier' | 'coach'
export const vendorNames: readonly VendorName[] = [...stepNames, 'courier', 'coach']
export const couriersShop = 'rival'
export const coachsShop = 'third'
/** The carrier to which an operator reroutes another carrier's orders. */
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

/** A temporary failure of a vendor or of the connection to it. */
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
    /** Every order gets a 404, as from a firewall or because our URL is wrong. */
    | 'refuses every order'
    /** Our credential cannot be read from Secrets Manager. */
    | 'has no credential'
}

/** A temporary failure of something of our own. */
export interface OurOutage extends Span {
  what: /** The bus accepts no event. */
    | 'bus'
    /** The rules deliver nothing. */
    | 'rules'
    /** The event source mappings are off: no worker gets a message. */
    | 'mappings'
    /** The workers crash on start, as after a bad deployment. */
    | 'workers'
    /** The table of locks, or of orders, is throttled. */
    | 'locks'
    | 'orders'
}

/** The options of a world. */
export interface WorldOptions {
  seed: number
  /** The traits of each step's vendors. */
  vendors: Record<StepName, VendorTraits>
  /** Whether there is a second carrier. */
  hasCourier?: boolean | undefined
  /** Whether there is also a third carrier. */
  hasCoach?: boolean | undefined
  outages: readonly Outage[]
  ourOutages: readonly OurOutage[]
  /** The configured calls per second of each vendor, if not the usual ones. */
  configuredPerSecond?: number | undefined
  /** How long an order may wait in total. */
  waitingLimitMs: number
  /** When the workers' next release, with different vendor requests, is deployed. In ms from the start. */
  releasedAtMs?: number | undefined
  /** Attributes that new orders lack, as if the previous release had written them. */
  writtenWithout?: readonly string[] | undefined
  /** When TTL removes expired orders. In ms from the start. */
  sweptAtMs?: number | undefined
  /** A vendor whose responses cannot be stored: DynamoDB refuses the writes as invalid. */
  unwritable?: VendorName | undefined
  /** Any batch of events or messages with an order that has this address line is refused as a whole. */
  unsendableLine?: string | undefined
  /** Every event is delivered a second time, this long after the first. */
  repeatsAfterMs?: number | undefined
  /** The maximum error of the instances' clocks. */
  skewMs: number
  /** The maximum lag of the indexes. */
  indexLagMs: number
  /** The share of invocations that get a new instance although one is idle. */
  coldStartRate: number
  /** Whether latencies vary, up to the SDK's time-out, instead of being constant. */
  isWild: boolean
}

/** The functions, the queues that feed them, and the settings that the world shares. */
export interface Deployment {
  functions: readonly FunctionModel[]
  relayIntervalMs: number
  visibilityTimeoutMs: number
  maxReceiveCount: number
}

/** A call to a vendor, and whether the request arrives. */
export interface VendorCall {
  invocation: Invocation
  vendor: VendorName
  orderId: string
  arrives: boolean
}

/** Observes a world. */
export interface Watcher {
  onWrite(table: string, key: string, after: Item | undefined): void
  onVendorCall(call: VendorCall): void
  /** A run of the relay reads the outbox. */
  onOutboxRead(run: Invocation): void
  /** The relay sends messages or events. */
  onRelayed(orderIds: readonly string[]): void
}
