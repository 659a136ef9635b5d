/** How many clicks the page remembers. */
const maxClicks = 500
/** When to ask again for a stream that was refused. */
const retryMs = 1000

/**
 * Watches the embedded cloud. Nothing is open while the tab is hidden: the server stops looking when nobody does.
 * @param {(change: object) => void} onChange gets {connected} or what the server says
 */
export const watch = (onChange) => {
  let source
  let retry
  const open = () => {
    const opened = new EventSource('/_local/stream')
    opened.addEventListener('hello', ({ data }) => onChange({ connected: true, ...JSON.parse(data) }))
    opened.addEventListener('update', ({ data }) => onChange(JSON.parse(data)))
    opened.addEventListener('error', () => {
      onChange({ connected: false })
      // A refusal, such as the 503 of a server that is starting, ends an EventSource for good.
      if (opened.readyState === EventSource.CLOSED) retry = setTimeout(open, retryMs)
    })
    source = opened
  }
  const close = () => {
    clearTimeout(retry)
    source?.close()
    source = undefined
  }
  const followTab = () => {
    if (document.hidden) close()
    else if (!source) open()
  }
  document.addEventListener('visibilitychange', followTab)
  addEventListener('pagehide', close)
  addEventListener('pageshow', followTab)
  followTab()
}

/** What was seen last, without what only a running server has. */
const unknown = ({ vendors, ...state }) => ({
  ...state,
  functions: {},
  vendors: Object.fromEntries(
    Object.entries(vendors).map(([name, vendor]) => [name, { ...vendor, circuit: { state: 'unknown' } }]),
  ),
})

/** What the page knows after a change: `written` counts the times that orders changed. */
export const reduce = (live, change) => {
  if ('topology' in change) return { ...change, moves: {}, written: live.written + 1 }
  if ('connected' in change) return { ...live, ...change, state: live.state && unknown(live.state) }
  const { now, state = live.state, moves = {}, clicks = [], hasWritten } = change
  return {
    ...live,
    now,
    state,
    moves,
    clicks: clicks.length ? [...live.clicks, ...clicks].slice(-maxClicks) : live.clicks,
    written: live.written + (hasWritten ? 1 : 0),
  }
}
