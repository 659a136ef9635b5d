/** Replaces `@smithy/core/event-streams`, which would load zlib: none of our calls streams events. */
const noEventStreams = (): never => {
  throw new Error('Event streams are not in this bundle (lib/slim-sdk/event-streams.ts).')
}

export const EventStreamSerde = noEventStreams
export const eventStreamSerdeProvider = noEventStreams
