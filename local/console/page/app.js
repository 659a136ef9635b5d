import { render } from 'preact'
import { useEffect, useReducer, useState } from 'preact/hooks'
import { OverTime } from './charts.js'
import { DeadLetters } from './dead-letters.js'
import { Faults } from './faults.js'
import { Latency } from './latency.js'
import { reduce, watch } from './live.js'
import { OrderDialog } from './order.js'
import { Orders } from './orders.js'
import { Pipeline } from './pipeline.js'
import { PlaceOrders } from './place.js'
import { Connected, clock, html, keepFocus, useParam } from './ui.js'

const liveWords = ({ connected, speed, now }) => {
  if (connected) return speed > 1 ? `live, ${speed}× speed` : 'live'
  return now ? `not connected since ${clock(now)}, trying again` : 'not connected, trying again'
}

const Main = ({ live, followed, isCovered, onOpen }) => {
  const { state, written, clicks, connected } = live
  // The browser could not scroll to the URL's hash before the page was rendered.
  useEffect(() => document.getElementById(location.hash.slice(1))?.scrollIntoView(), [])
  return html`<main class="vstack gap-2 p-2 ${connected ? '' : 'stale'}">
    <${Pipeline} ...${live} followed=${followed} />
    <div class="row g-2">
      <div class="col-md-6 col-xl-3 vstack gap-2"><${PlaceOrders} onOpen=${onOpen} /><${Latency} clicks=${clicks} /></div>
      <div class="col-md-6 col-xl-3 vstack gap-2"><${Faults} ...${live} /></div>
      <div class="col-xl-6" inert=${isCovered}><div class="row g-2">
        <div class="tables col-xxl-7 vstack gap-2"><${Orders} written=${written} onOpen=${onOpen} /><${DeadLetters} state=${state} written=${written} onOpen=${onOpen} /></div>
        <div class="col-xxl-5"><${OverTime} ...${live} /></div>
      </div></div>
    </div>
  </main>`
}

const App = () => {
  const [live, change] = useReducer(reduce, { connected: false, clicks: [], written: 0, history: [] })
  const [open, setOpen] = useParam('order')
  const [followed, follow] = useState()
  useEffect(() => {
    keepFocus()
    watch(change)
  }, [])
  useEffect(() => {
    const status = document.getElementById('live')
    status.textContent = liveWords(live)
    status.className = `small m-0 text-${live.connected ? 'success' : 'danger'}-emphasis`
  }, [live.connected, live.speed])
  // If opening the order added a history entry, go back to the entry before it.
  const close = () => {
    if (history.state?.order === open) history.back()
    else setOpen('')
  }

  // Opening another order from an open one replaces its history entry.
  const onOpen = (orderId) => setOpen(orderId, history.state?.order ? 'replaceState' : 'pushState')

  return html`<${Connected.Provider} value=${live.connected}>
    ${
      live.state
        ? html`<${Main} live=${live} followed=${open ? followed : undefined} isCovered=${open !== ''} onOpen=${onOpen} />`
        : html`<main class="p-4">Connecting to the embedded cloud …</main>`
    }
    ${open && live.topology && html`<${OrderDialog} key=${open} orderId=${open} ...${live} onStory=${follow} onClose=${close} />`}
  <//>`
}

render(html`<${App} />`, document.getElementById('app'))
