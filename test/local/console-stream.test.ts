import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createStream } from '../../local/console/stream.ts'

const createWatched = () => {
  const update = jest.fn<() => object | undefined>(() => undefined)
  const onFirst = jest.fn()
  const onLast = jest.fn()
  const stream = createStream({ hello: () => ({ topology: {} }), update, onFirst, onLast })
  return { stream, update, onFirst, onLast }
}

describe("the console's stream", () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }))
  afterEach(() => void jest.useRealTimers())

  test('computes nothing while nobody watches', async () => {
    const { stream, update, onFirst, onLast } = createWatched()

    jest.advanceTimersByTime(10_000)
    const watcher = stream.watch()
    jest.advanceTimersByTime(1000)
    watcher.destroy()
    await once(watcher, 'close')
    jest.advanceTimersByTime(10_000)

    expect(update).toHaveBeenCalledTimes(4)
    expect(onFirst).toHaveBeenCalledTimes(1)
    expect(onLast).toHaveBeenCalledTimes(1)
  })

  test('sends at most four updates a second, and none where nothing changed', () => {
    const { stream, update } = createWatched()
    const watcher = stream.watch()
    update.mockReturnValueOnce({ moves: 1 }).mockReturnValueOnce({ moves: 2 })

    jest.advanceTimersByTime(2000)

    expect(String(watcher.read()).match(/^event: .*/gm)).toEqual([
      'event: hello',
      'event: update',
      'event: update',
    ])
  })
})
