import { AwsError, type Json, NotModelled, type Service } from './aws-error.ts'

/** An accepted event, as a rule's target receives it. */
export interface BusEvent {
  id: string
  source: string
  'detail-type': string
  time: string
  detail: unknown
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const maxEntries = 10
const known = ['EventBusName', 'Source', 'DetailType', 'Detail', 'TraceHeader']

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * A bus: accepts events and passes each to `deliver`. It can refuse the first entry of a call or all entries; as on AWS,
 * the call itself succeeds.
 */
export function createEventBridgeModel(options: { deliver: (event: BusEvent) => void; now: () => number }) {
  const { deliver, now } = options
  let serial = 0

  const call = (action: string, input: Json, refused: 'none' | 'first' | 'all' = 'none'): Json => {
    if (action !== 'PutEvents') throw new NotModelled(`events:${action}`)
    const entries = input.Entries as Record<string, string>[]
    if (entries.length === 0 || entries.length > maxEntries)
      throw new AwsError('ValidationException', `PutEvents with ${entries.length} entries`)
    for (const entry of entries)
      for (const name of Object.keys(entry))
        if (!known.includes(name)) throw new NotModelled(`${name} in PutEvents`)
    const Entries = entries.map(({ Source, DetailType, Detail = '{}' }, index) => {
      if (refused === 'all' || (refused === 'first' && index === 0))
        return { ErrorCode: 'InternalFailure', ErrorMessage: 'Try again' }
      const detail = parsed(Detail)
      if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
      const id = `event-${++serial}`
      const time = new Date(now()).toISOString()
      const event = { id, source: String(Source), 'detail-type': String(DetailType), time }
      deliver({ ...event, detail })
      return { EventId: id }
    })
    return { FailedEntryCount: Entries.filter(({ EventId }) => EventId === undefined).length, Entries }
  }

  return { call, service: (async (action, input) => call(action, input)) satisfies Service }
}
/** See {@link createEventBridgeModel}. */
export type EventBridgeModel = ReturnType<typeof createEventBridgeModel>
