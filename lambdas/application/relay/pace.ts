import { type Circuit, passable } from '../../adapters/circuit.ts'
import { paceAt } from '../../domain/pace.ts'
import type { RelayDeps, RelayStep, ShardGroup } from './relay-deps.ts'

/** How many orders of a step one run may send. */
export interface Pace {
  budget: number
  /** What the vendor takes in a second. */
  perSecond: number
  /** Set under a backlog: only an order that was never claimed, and not sent for long, is sent again. */
  onlySilent: boolean
}

/** What the queue's backlog leaves to orders whose message may be lost, of what the vendor takes. */
const shareUnderBacklog = 0.02

/** A group's part of a number that all groups share in one interval: their parts add up to it. */
function partOf(total: number, { group, groups }: ShardGroup, interval: number): number {
  return Math.floor((total + ((interval + group) % groups)) / groups)
}

/** What the vendor takes until the next run, less what its queue holds; a due probe while it is down. */
export async function paceOf(
  { ratePerSecond, queue }: RelayStep,
  circuit: Circuit,
  shardGroup: ShardGroup,
  { now, intervalMs }: Pick<RelayDeps, 'now' | 'intervalMs'>,
): Promise<Pace> {
  const pass = passable(circuit, now())
  const perSecond = paceAt(circuit, now(), ratePerSecond)
  if (pass === 'none') return { budget: 0, perSecond, onlySilent: false }
  const interval = Math.floor(now() / intervalMs)
  const taken = Math.max(1, Math.floor((perSecond * intervalMs) / 1000))
  const free = Math.max(0, taken - (await queue.depth()))
  const budgetOf = (total: number) => partOf(total, shardGroup, interval)
  if (pass === 'probe') return { budget: budgetOf(Math.min(1, free)), perSecond, onlySilent: false }
  if (free > 0) return { budget: budgetOf(free), perSecond, onlySilent: false }
  return { budget: budgetOf(Math.ceil(taken * shareUnderBacklog)), perSecond, onlySilent: true }
}
