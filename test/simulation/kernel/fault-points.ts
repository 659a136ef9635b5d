import type { Chance } from './chance.ts'

/** Faults of an AWS call that writes. */
const writeFaults = [
  /** The caller dies before the call takes effect. */
  'die before',
  /** The caller dies after the call took effect, before it sees the response. */
  'die after',
  /** The response is lost once, and the SDK repeats the call. */
  'answer lost',
  /** All of the SDK's attempts take effect, but no response arrives, and the caller sees a time-out. */
  'unanswered',
  /** Nothing takes effect, and the caller sees a time-out. */
  'never arrives',
  'throttled',
  /** The SDK's first attempt takes effect long after the second was answered. */
  'arrives late',
  /** The first attempt takes effect after the caller has given up. */
  'arrives too late',
] as const
/** Faults of an AWS call that reads. */
const readFaults = ['die before', 'throttled'] as const
/** Faults of an AWS call with a batch, which may be refused in part. */
const batchFaults = [...writeFaults, 'refused in part'] as const

/** Faults of a create call to a vendor. */
const createFaults = [
  'die before',
  'die after',
  /** The caller dies, and the vendor finishes the work long afterwards. */
  'die during work',
  'connection refused',
  'TLS failure',
  'connection lost before work',
  'connection lost after work',
  'time-out without work',
  'time-out after work',
  /** The vendor finishes the work long after our time-out. */
  'work after time-out',
  '500 before work',
  /** A proxy answers with an HTML page, although the vendor has done its work. */
  '502 page after work',
  '200 page after work',
  '401',
  '404',
  '409',
  /** The vendor refuses the order, whatever it made for it before. */
  'refused',
  'too many calls',
  '503 before work',
  '503 after work',
  /** The response is about another order. */
  'foreign answer',
  /** The identifier in the response is unusable. */
  'blank identifier',
  'control characters',
  /** The vendor's staff cancel what it made, and the response says so. */
  'cancelled by the vendor',
] as const
/** Faults of a look-up. */
const lookUpFaults = [
  'die before',
  'connection refused',
  'TLS failure',
  'time-out without work',
  '500 before work',
  '200 page after work',
  '404',
  'too many calls',
  'foreign answer',
  'blank identifier',
  'cancelled by the vendor',
] as const

/** Faults of a call that asks a vendor to undo its work. */
const cancelFaults = [
  'die before',
  'die after',
  'connection refused',
  'connection lost after work',
  'time-out without work',
  'time-out after work',
  'work after time-out',
  '500 before work',
  '502 page after work',
  '404',
  '409',
  'too many calls',
] as const

/** Faults of a token request. */
const tokenFaults = [
  'die before',
  'die after',
  'connection refused',
  'TLS failure',
  'connection lost after work',
  'time-out without work',
  'time-out after work',
  '500 before work',
  '200 page after work',
  '401',
  '404',
  'too many calls',
] as const

/** Faults of an event's delivery to a queue. */
const deliveryFaults = ['lost', 'twice', 'late'] as const
/** The same where a wrong rule may deliver to another lane's queue. */
const routingFaults = [...deliveryFaults, 'astray'] as const
/** Faults of receiving a message. */
const receiveFaults = ['handed out twice'] as const
/** Faults of deleting a message. */
const deleteFaults = ['deletion lost'] as const
/** Faults of an operator's redrive. */
const redriveFaults = ['twice'] as const
/** Faults of a shop's request. */
const requestFaults = ['request lost', 'response lost', 'sent twice'] as const

/** Faults after which the SDK repeats the call, and the repeated call meets the effect of the first. */
export const repeatedBySdk: readonly Fault[] = ['answer lost', 'arrives late']

/** Actions of others that can happen during a call. */
export const concurrentActions = [
  'cancellation',
  'correction',
  'settlement',
  'rerouting',
  'relay run',
  'redelivery',
  'stall',
] as const
export type ConcurrentAction = (typeof concurrentActions)[number]
export const isConcurrentAction = (fault: Fault): fault is ConcurrentAction =>
  concurrentActions.some((action) => action === fault)

/** The faults that can be injected at each kind of fault point. */
export const faultsByKind = {
  read: [...readFaults, ...concurrentActions],
  write: [...writeFaults, ...concurrentActions],
  batch: [...batchFaults, ...concurrentActions],
  create: [...createFaults, ...concurrentActions],
  lookUp: [...lookUpFaults, ...concurrentActions],
  cancel: [...cancelFaults, ...concurrentActions],
  token: [...tokenFaults, ...concurrentActions],
  delivery: deliveryFaults,
  routing: routingFaults,
  receive: receiveFaults,
  delete: deleteFaults,
  redrive: redriveFaults,
  request: requestFaults,
} as const
/** The kind of a fault point, which determines the faults that it allows. */
export type FaultPointKind = keyof typeof faultsByKind
export type Fault = (typeof faultsByKind)[FaultPointKind][number]

/** A point in a run where a fault can be injected. Its address names the caller, the action and its ordinal number. */
export interface FaultPoint {
  address: string
  kind: FaultPointKind
}

/** Decides which fault is injected at which point. */
export interface Plan {
  faultAt(point: FaultPoint, elapsedMs: number): Fault | undefined
}

/** A plan with a fixed list of faults, for exhaustive runs and for shrinking a failing run. */
export const explicitPlan = (injections: readonly Injection[]): Plan => {
  const byAddress = new Map(injections.map(({ address, fault }) => [address, fault]))
  return { faultAt: ({ address }) => byAddress.get(address) }
}

/** Concurrent actions are rarer than faults, because their own calls can have concurrent actions again. */
const concurrentActionRate = 0.1

/** A plan that injects random faults until `untilMs`, determined by the seed alone. */
export const randomPlan = (chance: Chance, { rate, untilMs }: { rate: number; untilMs: number }): Plan => ({
  faultAt({ address, kind }, elapsedMs) {
    if (elapsedMs >= untilMs || !chance.happens(`${address} strikes`, rate)) return undefined
    const fault = chance.pick<Fault>(`${address} fault`, faultsByKind[kind])
    return isConcurrentAction(fault) && !chance.happens(`${address} intrudes`, concurrentActionRate)
      ? undefined
      : fault
  },
})

/** A fault, and the address of the point at which it is injected. */
export interface Injection {
  address: string
  fault: Fault
}
