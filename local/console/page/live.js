import { recorded } from './charts.js'
import { learnBrands } from './ui.js'

/** How many clicks the page remembers. */
const maxClicks = 500
/** When to ask again for a stream that was refused. */
const retryMs = 1000

/** Watches the embedded cloud: `onChange` gets {connected}, or what the server says. */
export const watch = (onChange) => {
  const source = new EventSource('/_local/stream')
  source.addEventListener('hello', ({ data }) => {
    const hello = JSON.parse(data)
    learnBrands(hello.topology.lanes)
    onChange({ connected: true, ...hello })
  })
  source.addEventListener('update', ({ data }) => onChange(JSON.parse(data)))
  source.addEventListener('error', () => {
    onChange({ connected: false })
    // A refusal, such as the 503 of a server that is starting, ends an EventSource for good.
    if (source.readyState === EventSource.CLOSED) setTimeout(watch, retryMs, onChange)
  })
}

/** What was seen last, without what only a running server has. */
const unknown = ({ vendors, ...state }) => ({
  ...state,
  functions: {},
  vendors: Object.fromEntries(
    Object.entries(vendors).map(([name, vendor]) => [name, { ...vendor, circuit: { state: 'unknown' } }]),
  ),
})

/** What the page knows after a change: `written` counts the times that orders may have changed. */
export const reduce = (live, change) => {
  if ('connected' in change && !change.connected)
    return { ...live, ...change, state: live.state && unknown(live.state) }
  const { topology, written, startedAt } = { ...live, ...change }
  const { now, state = live.state, moves = {}, clicks = [] } = change
  // What another run did is no part of this one's.
  const history = startedAt === live.startedAt ? live.history : []
  return {
    ...live,
    ...change,
    state,
    moves,
    clicks: 'topology' in change ? clicks : [...live.clicks, ...clicks].slice(-maxClicks),
    history: recorded(history, { now, state, moves }, topology),
    written: written + ('topology' in change || Object.keys(moves).length > 0 ? 1 : 0),
  }
}
