import type { Item } from '../models/expressions.ts'
import type { VendorTraits } from '../models/vendor.ts'
import type { FunctionModel, Invocation } from './invocation.ts'

export const vendorNames = ['logistics', 'wms'] as const
export type VendorName = (typeof vendorNames)[number]

/** A while, in ms from the start. */
export interface Span {
  fromMs: number
  toMs: number
}

export const isWithin = (span: Span | undefined, elapsedMs: number): boolean =>
  span !== undefined && span.fromMs <= elapsedMs && elapsedMs < span.toMs

/** A vendor, or the way to it, is out of order for a while. */
export interface Outage extends Span {
  vendor: VendorName
  kind:
    | 'refuses'
    | 'fails'
    | 'hangs'
    | 'works and hangs'
    | 'asks for a pause'
    | 'refuses our credential'
    /** Secrets Manager does not give us our credential. */
    | 'has no credential'
}
/** How the world is. */
export interface WorldOptions {
  seed: number
  vendors: Record<VendorName, VendorTraits>
  outages: readonly Outage[]
  /** The rules deliver nothing: somebody broke them. */
  brokenRules?: Span | undefined
  /** The bus takes no event in. */
  busOutage?: Span | undefined
  /** The table of locks is throttled. */
  lockOutage?: Span | undefined
  /** Every event is delivered a second time, so long after the first. */
  repeatsAfterMs?: number | undefined
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

/** What watches a world. */
export interface Watcher {
  onWrite(table: string, key: string, after: Item | undefined): void
  onVendorCall(call: { invocation: Invocation; vendor: VendorName; reference: string }): void
}
