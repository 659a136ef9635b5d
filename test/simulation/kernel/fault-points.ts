import type { Chance } from './chance.ts'

/** What can go wrong with a call of AWS's that changes something, … */
const writeFaults = [
  /** The caller dies before the call does anything, … */
  'die before',
  /** … or after its effect, without having seen the answer. */
  'die after',
  /** The answer is lost once, and the SDK repeats the call by itself. */
  'answer lost',
  /** The SDK's attempts all take effect, no answer arrives, and the caller lives to see a time-out. */
  'unanswered',
  /** Nothing takes effect, and the caller sees a time-out. */
  'never arrives',
  'throttled',
  /** The SDK's first attempt takes effect long after its second has been answered … */
  'arrives late',
  /** … or after the caller has given up. */
  'arrives too late',
] as const
/** … or only reads, … */
const readFaults = ['die before', 'throttled'] as const
/** … or takes a batch, of which it may refuse a part. */
const batchFaults = [...writeFaults, 'refused in part'] as const

/** What can become of a vendor's create, … */
const createFaults = [
  'die before',
  'die after',
  /** The caller dies, and the vendor is done long afterwards. */
  'die during work',
  'connection refused',
  'TLS failure',
  'connection lost before work',
  'connection lost after work',
  'time-out without work',
  'time-out after work',
  /** It works on, and is done long after our time-out. */
  'work after time-out',
  '500 before work',
  /** A proxy answers with a page, although the vendor has done its work. */
  '502 page after work',
  '200 page after work',
  '401',
  '404',
  '409',
  /** It refuses the order, and does not say what it made of it before. */
  'refused',
  'too many calls',
  '503 before work',
  '503 after work',
  /** It answers with another order's thing, … */
  'foreign answer',
  /** … or with an identifier that nobody can read. */
  'blank identifier',
  'control characters',
  /** Its staff cancel what it made, and it says so. */
  'cancelled by the vendor',
] as const
/** … and of a look-up. */
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

/** What can become of a vendor's being asked to undo its work. */
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

/** What can become of a request for a token. */
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

/** What can become of an event on its way into a queue, … */
const deliveryFaults = ['lost', 'twice', 'late'] as const
/** … where a wrong rule may put it into another lane's queue, … */
const routingFaults = [...deliveryFaults, 'astray'] as const
/** … of a message that is handed to a worker, … */
const receiveFaults = ['handed out twice'] as const
/** … and of its deletion afterwards. */
const deleteFaults = ['deletion lost'] as const
/** What can become of an operator's redrive. */
const redriveFaults = ['twice'] as const
/** What can become of a shop's request. */
const requestFaults = ['request lost', 'response lost', 'sent twice'] as const

/** Calls whose answer is lost once: the SDK repeats them, and the repeat meets what they did themselves. */
export const repeatedBySdk: readonly Fault[] = ['answer lost', 'arrives late']

/** What can happen elsewhere during a call. */
export const concurrentActions = [
  'cancellation',
  'correction',
  'settlement',
  'rerouting',
  'relay run',
  'redelivery',
  'stall',
] as const
/** Something that happens elsewhere during a call. */
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
/** Which faults a fault point allows. */
export type FaultPointKind = keyof typeof faultsByKind
export type Fault = (typeof faultsByKind)[FaultPointKind][number]

/** A moment in a run at which a fault can be injected. Its address says who does what, and for which time. */
export interface FaultPoint {
  address: string
  kind: FaultPointKind
}

/** Which fault is injected at which point. */
export interface Plan {
  faultAt(point: FaultPoint, elapsedMs: number): Fault | undefined
}

/** A plan that lists its faults: for exhaustive runs, and for shrinking a failing one. */
export const explicitPlan = (injections: readonly Injection[]): Plan => {
  const byAddress = new Map(injections.map(({ address, fault }) => [address, fault]))
  return { faultAt: ({ address }) => byAddress.get(address) }
}

/** Concurrent actions make calls, which can have concurrent actions: so they are rarer than faults. */
const concurrentActionRate = 0.1

/** A plan that injects faults at random until `untilMs`. It depends on the seed alone. */
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
