import { PassThrough } from 'node:stream'

/** The shortest interval between two updates. */
const updateMs = 250

/**
 * A Server-Sent Events stream shared by all open pages. Nothing is computed while none is open.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const createStream = (deps: {
  hello: () => object
  /** The changes since the last call; undefined if there are none. */
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
