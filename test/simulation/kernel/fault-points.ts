import type { Chance } from './chance.ts'

/** What can go wrong with a call of AWS's that changes something, … */
const writeFaults = [
  /** The caller dies before the call does anything, … */
  'die before',
  /** … or after its effect, so that nobody sees the answer. */
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
  'connection lost before work',
  'connection lost after work',
  'time-out without work',
  'time-out after work',
  /** It works on, and is done long after our time-out. */
  'work after time-out',
  '500 before work',
  '500 after work',
  'unreadable answer',
  '401',
  '404',
  '409',
  '429',
  '503 before work',
  '503 after work',
] as const
/** … and of a look-up. */
const lookUpFaults = [
  'die before',
  'connection refused',
  'time-out without work',
  '500 before work',
  'unreadable answer',
  '404',
  '429',
] as const

/** What can become of an event on its way into a queue, … */
const deliveryFaults = ['lost', 'twice', 'late'] as const
/** … of a message that is handed to a worker, … */
const receiveFaults = ['handed out twice'] as const
/** … and of its deletion afterwards. */
const deleteFaults = ['deletion lost'] as const
/** What can become of an operator's redrive. */
const redriveFaults = ['twice'] as const
/** What can become of a shop's request. */
const requestFaults = ['request lost', 'response lost', 'sent twice'] as const

/** What can happen elsewhere at the very moment of a call. */
export const intrusions = ['cancellation', 'correction', 'relay run', 'redelivery', 'stall'] as const
/** Something that somebody else does at a moment. */
export type Intrusion = (typeof intrusions)[number]
export const isIntrusion = (fault: Fault): fault is Intrusion =>
  intrusions.some((intrusion) => intrusion === fault)

/** What may strike at each kind of place. */
export const faultsAt = {
  read: [...readFaults, ...intrusions],
  write: [...writeFaults, ...intrusions],
  batch: [...batchFaults, ...intrusions],
  create: [...createFaults, ...intrusions],
  lookUp: [...lookUpFaults, ...intrusions],
  delivery: deliveryFaults,
  receive: receiveFaults,
  delete: deleteFaults,
  redrive: redriveFaults,
  request: requestFaults,
} as const
/** A kind of place at which something can strike. */
export type PlaceKind = keyof typeof faultsAt
/** Something that strikes. */
export type Fault = (typeof faultsAt)[PlaceKind][number]

/** A moment in a run at which something can strike: who does what, and for which time. */
export interface Place {
  address: string
  kind: PlaceKind
}

/** What strikes where. */
export interface Plan {
  at(place: Place, now: number): Fault | undefined
}

/** A plan that names its places: what an exhaustive run is made of, and what a failing run shrinks to. */
export const explicitPlan = (strikes: readonly Strike[]): Plan => {
  const byAddress = new Map(strikes.map(({ address, fault }) => [address, fault]))
  return { at: ({ address }) => byAddress.get(address) }
}

/** Intrusions breed calls, and calls intrusions: they stay rarer than faults. */
const intrusionRate = 0.1

/** A plan that strikes here and there, until everything heals. It depends on the seed alone. */
export const randomPlan = (chance: Chance, { rate, untilMs }: { rate: number; untilMs: number }): Plan => ({
  at({ address, kind }, now) {
    if (now >= untilMs || !chance.happens(`${address} strikes`, rate)) return undefined
    const fault = chance.pick<Fault>(`${address} fault`, faultsAt[kind])
    return isIntrusion(fault) && !chance.happens(`${address} intrudes`, intrusionRate) ? undefined : fault
  },
})

/** One thing that struck, and where. */
export interface Strike {
  address: string
  fault: Fault
}
