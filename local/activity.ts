import { EventEmitter } from 'node:events'
import type { HttpResponse } from './http.ts'

/** `function` is the handler's file name, which several functions may share. */
interface Invocation {
  function: string
  arn: string
  requestId: string
}

/** Something that happened in the emulated cloud, as the console and the tests observe it. */
export type ActivityEvent =
  | {
      type: 'api-request'
      method: string
      path: string
      status: number
      durationMs: number
      headers: HttpResponse['headers']
    }
  | { type: 'aws-call'; caller: string; action: string; resources: string[]; count: number }
  | ({ type: 'invoke-start' } & Invocation)
  | ({ type: 'invoke-end'; durationMs: number; error: string | undefined } & Invocation)
  | { type: 'event-published'; eventId: string; detailType: string }
  | { type: 'event-matched'; eventId: string; rule: string; target: string }
  | { type: 'event-dropped'; eventId: string; rule: string; target: string }
  | { type: 'message-moved'; messageId: string; from: string; to: string }

/** The emulator's one internal event bus. */
export type Activity = EventEmitter<{ activity: [ActivityEvent] }>

export const createActivity = (): Activity => new EventEmitter()

/** The parsed JSON, or undefined if the text is not JSON. */
export const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A list that keeps the latest `size` entries. */
export type Ring<T> = ReturnType<typeof createRing<T>>
export const createRing = <T>(size: number) => {
  const entries: { entry: T; at: number }[] = []
  let until = 0
  return {
    push: (entry: T) => {
      if (entries.push({ entry, at: Date.now() }) > size) until = entries.shift()?.at ?? 0
    },
    list: (): T[] => entries.map(({ entry }) => entry),
    /** When the most recently evicted entry was added, in epoch ms; 0 if none was evicted. */
    forgottenUntil: () => until,
  }
}
