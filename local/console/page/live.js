/** How many clicks the page remembers. */
const maxClicks = 500

/**
 * Watches the embedded cloud. Nothing is open while the tab is hidden: the server stops looking when nobody does.
 * @param {(change: object) => void} onChange gets {connected} or what the server says
 */
export const watch = (onChange) => {
  let source
  const open = () => {
    source = new EventSource('/_local/stream')
    source.addEventListener('hello', ({ data }) => onChange({ connected: true, ...JSON.parse(data) }))
    source.addEventListener('update', ({ data }) => onChange(JSON.parse(data)))
    source.addEventListener('error', () => onChange({ connected: false }))
  }
  const close = () => {
    source?.close()
    source = undefined
  }
  const followTab = () => {
    if (document.hidden) close()
    else if (!source) open()
  }
  document.addEventListener('visibilitychange', followTab)
  addEventListener('pagehide', close)
  followTab()
}

/** What the page knows after a change: `written` counts the times that orders changed. */
export const reduce = (live, change) => {
  if ('topology' in change) return { ...change, moves: {}, written: live.written + 1 }
  if ('connected' in change) return { ...live, ...change }
  const { state = live.state, moves = {}, clicks = [], hasWritten } = change
  return {
    ...live,
    state,
    moves,
    clicks: clicks.length ? [...live.clicks, ...clicks].slice(-maxClicks) : live.clicks,
    written: live.written + (hasWritten ? 1 : 0),
  }
}
