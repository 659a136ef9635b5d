import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createStream } from '../../local/console/stream.ts'

const createWatched = () => {
  const update = jest.fn<() => object | undefined>(() => ({ moves: {} }))
  const onFirst = jest.fn()
  const stream = createStream({ hello: () => ({ topology: {} }), update, onFirst })
  return { stream, update, onFirst }
}

describe("the console's stream", () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }))
  afterEach(() => void jest.useRealTimers())

  test('computes nothing while nobody watches', async () => {
    const { stream, update, onFirst } = createWatched()

    jest.advanceTimersByTime(10_000)
    const watcher = stream.watch()
    jest.advanceTimersByTime(1000)
    watcher.destroy()
    await once(watcher, 'close')
    jest.advanceTimersByTime(10_000)

    expect(update).toHaveBeenCalledTimes(4)
    expect(onFirst).toHaveBeenCalledTimes(1)
  })

  test('sends at most four updates a second to all who watch, after a first word, and none where there is none', () => {
    const { stream, update, onFirst } = createWatched()
    const watchers = [stream.watch(), stream.watch()]
    update.mockReturnValueOnce(undefined)

    jest.advanceTimersByTime(1000)

    const sent = ['hello', ...Array(3).fill('update')].map((event) => `event: ${event}`)
    for (const watcher of watchers) expect(String(watcher.read()).match(/^event: .*/gm)).toEqual(sent)
    expect(onFirst).toHaveBeenCalledTimes(1)
  })
})
