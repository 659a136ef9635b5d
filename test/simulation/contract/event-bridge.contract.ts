import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'
import { expect, test } from '@jest/globals'
import type { Engine } from './engines.ts'

const created = (orderId: string, more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  Source: 'contract',
  DetailType: 'ORDER_CREATED',
  Detail: JSON.stringify({ orderId }),
  ...more,
})

/** The behaviour of EventBridge that the pipeline relies on, tested on every engine. */
export function eventBridgeContract(engine: () => Promise<Engine>): void {
  const bus = async () => {
    const { events, name, received } = await (await engine()).newBus()
    return {
      put: (...entries: PutEventsRequestEntry[]) =>
        events.send(
          new PutEventsCommand({ Entries: entries.map((entry) => ({ EventBusName: name, ...entry })) }),
        ),
      /** Waits for this many events in the rule's queue. Sorted by id, because the bus does not keep their order. */
      receivedAll: async (count: number) => {
        const all: unknown[] = []
        for (let tries = 0; tries < 30 && all.length < count; tries++) all.push(...(await received()))
        return all.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
      },
    }
  }

  test.concurrent('an event reaches the queue of its rule unchanged, with the id that the bus gave it', async () => {
    const { put, receivedAll } = await bus()

    const { Entries, FailedEntryCount } = await put(created('1', { TraceHeader: 'Root=1-0-0' }))

    expect(FailedEntryCount).toBe(0)
    expect(await receivedAll(1)).toEqual([
      expect.objectContaining({
        id: Entries?.[0]?.EventId,
        source: 'contract',
        'detail-type': 'ORDER_CREATED',
        detail: { orderId: '1' },
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
      }),
    ])
  })

  test.concurrent('an event that matches no rule is accepted, too', async () => {
    const { put, receivedAll } = await bus()

    const { FailedEntryCount } = await put(created('1', { DetailType: 'UNKNOWN' }), created('2'))

    expect(FailedEntryCount).toBe(0)
    expect(await receivedAll(1)).toEqual([expect.objectContaining({ detail: { orderId: '2' } })])
  })

  test.concurrent('a refused entry of a call does not stop the others', async () => {
    const { put, receivedAll } = await bus()

    const { Entries, FailedEntryCount } = await put(
      created('1'),
      created('2', { Detail: 'no JSON' }),
      created('3'),
    )

    expect(FailedEntryCount).toBe(1)
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([undefined, 'MalformedDetail', undefined])
    expect(Entries?.map(({ EventId }) => typeof EventId)).toEqual(['string', 'undefined', 'string'])
    expect(await receivedAll(2)).toHaveLength(2)
  })

  test.concurrent.each([0, 11])('a call with %i entries is refused as a whole', async (count) => {
    const { put } = await bus()

    await expect(put(...Array.from({ length: count }, (_, id) => created(`${id}`)))).rejects.toMatchObject({
      name: 'ValidationException',
    })
  })
}
