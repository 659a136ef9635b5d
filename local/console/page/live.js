import { recorded } from './charts.js'
import { learnBrands } from './ui.js'

/** How many clicks the page keeps. */
const maxClicks = 500
/** How long to wait before reconnecting to a stream that was refused. */
const retryMs = 1000

/** Follows the live stream; `onChange` gets {connected} or the server's message. */
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
    // An EventSource never reconnects after a refusal, such as the 503 of a starting server.
    if (source.readyState === EventSource.CLOSED) setTimeout(watch, retryMs, onChange)
  })
}

/** The last state, without what is only known while the server is connected. */
const unknown = ({ vendors, ...state }) => ({
  ...state,
  functions: {},
  vendors: Object.fromEntries(
    Object.entries(vendors).map(([name, vendor]) => [name, { ...vendor, circuit: { state: 'unknown' } }]),
  ),
})

/** The page's state after a change; `written` counts the updates in which orders may have changed. */
export const reduce = (live, change) => {
  if ('connected' in change && !change.connected)
    return { ...live, ...change, state: live.state && unknown(live.state) }
  const { topology, written, startedAt } = { ...live, ...change }
  const { now, state = live.state, moves = {}, clicks = [] } = change
  // A restarted server begins a new history.
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
