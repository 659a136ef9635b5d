/**
 * Stands in for `@smithy/core/event-streams` in the bundles (see plugin.ts): none of our calls streams events.
 * The SDK would load it only for a call that does, yet the bundle would hold it, and load zlib for it.
 */
const noEventStreams = (): never => {
  throw new Error('Event streams are not in this bundle (lib/slim-sdk/event-streams.ts).')
}

export const EventStreamSerde = noEventStreams
export const eventStreamSerdeProvider = noEventStreams
