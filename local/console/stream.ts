import { PassThrough } from 'node:stream'

/** At most four updates a second. */
const updateMs = 250
/** A comment now and then, so that neither side takes silence for a dead connection. */
const heartbeatMs = 15_000

/**
 * One stream of Server-Sent Events for all who watch: nothing is computed while nobody does, and nothing is sent while
 * nothing changes. https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const createStream = (deps: {
  /** What everybody is told at first. */
  hello: () => object
  /** What has changed; undefined for nothing. */
  update: () => object | undefined
  onFirst: () => void
  onLast: () => void
}) => {
  const watchers = new Set<PassThrough>()
  const timers: NodeJS.Timeout[] = []
  const frame = (event: string, data: object) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
  const send = (text: string) => {
    for (const watcher of watchers) watcher.write(text)
  }
  const stop = () => {
    for (const timer of timers.splice(0)) clearInterval(timer)
    deps.onLast()
  }
  const start = () => {
    deps.onFirst()
    const tick = () => {
      const update = deps.update()
      if (update) send(frame('update', update))
    }
    timers.push(setInterval(tick, updateMs), setInterval(send, heartbeatMs, ': still here\n\n'))
  }

  return {
    watch: (): PassThrough => {
      const watcher = new PassThrough()
      if (watchers.size === 0) start()
      watcher.write(frame('hello', deps.hello()))
      watchers.add(watcher)
      watcher.once('close', () => {
        watchers.delete(watcher)
        if (watchers.size === 0) stop()
      })
      return watcher
    },
    close: () => {
      for (const watcher of watchers) watcher.destroy()
    },
  }
}
