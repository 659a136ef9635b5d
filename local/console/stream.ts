import { PassThrough } from 'node:stream'

/** At most four updates a second. */
const updateMs = 250

/**
 * One stream of Server-Sent Events for all who watch: nothing is computed while nobody does.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const createStream = (deps: {
  hello: () => object
  /** What has changed since it was last asked; undefined for nothing. */
  update: () => object | undefined
}) => {
  const watchers = new Set<PassThrough>()
  let timer: NodeJS.Timeout | undefined
  const frame = (event: string, data: object) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
  const tick = () => {
    const update = deps.update()
    if (update) for (const watcher of watchers) watcher.write(frame('update', update))
  }

  return {
    watch: (): PassThrough => {
      const watcher = new PassThrough()
      if (watchers.size === 0) {
        deps.update()
        timer = setInterval(tick, updateMs)
      }
      watcher.write(frame('hello', deps.hello()))
      watchers.add(watcher)
      watcher.once('close', () => {
        watchers.delete(watcher)
        if (watchers.size === 0) clearInterval(timer)
      })
      return watcher
    },
    close: () => {
      for (const watcher of watchers) watcher.destroy()
    },
  }
}
