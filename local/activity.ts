import { EventEmitter } from 'node:events'

/** What happens in the emulated cloud, for whoever wants to watch: the console, tests. */
export type Activity = { at: string } & (
  | { type: 'api-request'; method: string; path: string; status: number; durationMs: number }
  | { type: 'invoke-start'; function: string; requestId: string }
  | { type: 'invoke-end'; function: string; requestId: string; durationMs: number; error?: string }
  | { type: 'event-published'; eventId: string; detailType: string; source: string }
  | { type: 'event-matched'; eventId: string; rule: string; target: string }
  | { type: 'event-dropped'; eventId: string; rule: string; reason: string }
  | { type: 'message-moved'; messageId: string; from: string; to: string }
)

type Without<T, K extends keyof T> = T extends unknown ? Omit<T, K> : never

/** Tells what has happened; the bus stamps the time. */
export type Report = (activity: Without<Activity, 'at'>) => void

/** The emulator's one internal event bus. */
export const createActivity = (): {
  report: Report
  subscribe: (l: (a: Activity) => void) => () => void
} => {
  const emitter = new EventEmitter<{ activity: [Activity] }>().setMaxListeners(0)
  return {
    report: (activity) => {
      emitter.emit('activity', { at: new Date().toISOString(), ...activity } as Activity)
    },
    subscribe: (listener) => {
      emitter.on('activity', listener)
      return () => emitter.off('activity', listener)
    },
  }
}

/** A list that forgets its oldest entries. */
export const createRing = <T>(size: number): { push: (entry: T) => void; list: () => T[] } => {
  const entries: T[] = []
  return {
    push: (entry) => {
      if (entries.push(entry) > size) entries.shift()
    },
    list: () => [...entries],
  }
}
