import { AsyncLocalStorage } from 'node:async_hooks'
import type { Invocation } from './invocation.ts'

/** The invocation whose code is running. */
export const running = new AsyncLocalStorage<Invocation>()

const RealDate = Date
const deadlines = new WeakMap<AbortSignal, number>()

/** When a signal of AbortSignal.timeout aborts, in epoch ms. */
export const deadlineOf = (signal: AbortSignal | null | undefined): number =>
  (signal && deadlines.get(signal)) ?? Number.POSITIVE_INFINITY

/** The clock of the running instance, which may be wrong by a few seconds. */
function clock(): number {
  const invocation = running.getStore()
  if (!invocation) throw new Error('The clock was read outside the simulation')
  return invocation.world.timeline.now + invocation.instance.skewMs
}

class VirtualDate extends RealDate {
  constructor(...args: [] | [number | string | Date]) {
    super(...((args.length === 0 ? [clock()] : args) as [number]))
  }

  static override now(): number {
    return clock()
  }
}

/**
 * Replaces Date, AbortSignal.timeout and Math.random by the simulated world's, for the rest of the process. Other timers
 * throw, because no code of the pipeline uses them.
 */
export function installVirtualTime(): void {
  const realSetTimeout = globalThis.setTimeout
  const guarded = (...args: Parameters<typeof setTimeout>) => {
    if (running.getStore()) throw new Error('The pipeline set a timer, which the simulation does not know')
    return realSetTimeout(...args)
  }
  Object.assign(globalThis, { Date: VirtualDate, setTimeout: guarded })
  Math.random = () => running.getStore()?.random() ?? 0.5
  AbortSignal.timeout = (ms) => {
    const { signal } = new AbortController()
    const { world } = running.getStore() as Invocation
    deadlines.set(signal, world.timeline.now + ms)
    return signal
  }
}
