import { type StepName, stepNames } from '../../../lambdas/domain/chain.ts'
import type { Item } from '../models/expressions.ts'
import type { VendorTraits } from '../models/vendor.ts'
import type { FunctionModel, Invocation } from './invocation.ts'

/** Each step's vendor has the step's name. */
export const vendorNames = stepNames
export type VendorName = StepName

/** A span of time, in ms from the start. */
export interface Span {
  fromMs: number
  toMs: number
}

export const isWithin = (span: Span | undefined, elapsedMs: number): boolean =>
  span !== undefined && span.fromMs <= elapsedMs && elapsedMs < span.toMs

/** A vendor, or the connection to it, fails for some time. */
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
/** What a world is like. */
export interface WorldOptions {
  seed: number
  vendors: Record<VendorName, VendorTraits>
  outages: readonly Outage[]
  /** The rules deliver nothing. */
  brokenRules?: Span | undefined
  /** The bus accepts no event. */
  busOutage?: Span | undefined
  /** The table of locks is throttled. */
  lockOutage?: Span | undefined
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

/** What watches a world. */
export interface Watcher {
  onWrite(table: string, key: string, after: Item | undefined): void
  onVendorCall(call: { invocation: Invocation; vendor: VendorName; reference: string }): void
}
