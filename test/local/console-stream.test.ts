import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createStream } from '../../local/console/stream.ts'

const createWatched = () => {
  const update = jest.fn<() => object | undefined>(() => ({ moves: {} }))
  const stream = createStream({ hello: () => ({ topology: {} }), update })
  return { stream, update }
}

describe("the console's stream", () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }))
  afterEach(() => void jest.useRealTimers())

  test('computes nothing while no page is connected', async () => {
    const { stream, update } = createWatched()

    jest.advanceTimersByTime(10_000)
    const watcher = stream.watch()
    jest.advanceTimersByTime(1000)
    watcher.destroy()
    await once(watcher, 'close')
    jest.advanceTimersByTime(10_000)

    // One more for the changes before the first page connected, which are sent to nobody.
    expect(update).toHaveBeenCalledTimes(1 + 4)
  })

  test('sends a hello, then at most four updates a second to all pages, and none without changes', () => {
    const { stream, update } = createWatched()
    const watchers = [stream.watch(), stream.watch()]
    update.mockReturnValueOnce(undefined)

    jest.advanceTimersByTime(1000)

    const sent = ['hello', ...Array(3).fill('update')].map((event) => `event: ${event}`)
    for (const watcher of watchers) expect(String(watcher.read()).match(/^event: .*/gm)).toEqual(sent)
  })
})
