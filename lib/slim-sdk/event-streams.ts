/**
 * Replaces `@smithy/core/event-streams`: none of our calls streams events. The SDK would load it only for a call
 * that does, yet the bundle would hold it, and load zlib for it.
 * @throws {Error} where a call does stream events
 */
const noEventStreams = (): never => {
  throw new Error('Event streams are not in this bundle (lib/slim-sdk/event-streams.ts).')
}

export const EventStreamSerde = noEventStreams
export const eventStreamSerdeProvider = noEventStreams
