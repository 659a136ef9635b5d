import { render } from 'preact'
import { useEffect, useReducer } from 'preact/hooks'
import { Announcer } from './announcer.js'
import { DeadLetters } from './dead-letters.js'
import { Faults } from './faults.js'
import { Latency } from './latency.js'
import { reduce, watch } from './live.js'
import { OrderDialog } from './order.js'
import { Orders } from './orders.js'
import { Pipeline } from './pipeline.js'
import { PlaceOrders } from './place.js'
import { clock, html, keepFocus, useParam } from './ui.js'

const liveWords = ({ connected, speed, now }) => {
  if (connected) return speed > 1 ? `live, ${speed}× speed` : 'live'
  return now ? `not connected since ${clock(now)}, trying again` : 'not connected, trying again'
}

const Main = ({ live, onOpen }) => {
  const { state, topology, written, clicks, connected } = live
  // The part that the address names has only just been drawn.
  useEffect(() => document.getElementById(location.hash.slice(1))?.scrollIntoView(), [])
  return html`<main class=${connected ? '' : 'stale'}>
    <${Pipeline} ...${live} />
    <div class="columns">
      <div class="stack"><${PlaceOrders} onOpen=${onOpen} /><${Latency} clicks=${clicks} /></div>
      <${Faults} state=${state} topology=${topology} />
      <div class="stack">
        <${Orders} written=${written} onOpen=${onOpen} />
        <${DeadLetters} state=${state} onOpen=${onOpen} />
      </div>
    </div>
  </main>`
}

const App = () => {
  const [live, change] = useReducer(reduce, { connected: false, clicks: [], written: 0 })
  const [open, setOpen] = useParam('order')
  useEffect(() => {
    keepFocus()
    watch(change)
  }, [])
  useEffect(() => {
    const status = document.getElementById('live')
    status.textContent = liveWords(live)
    status.classList.toggle('on', live.connected)
  }, [live.connected, live.speed])
  // Back has closed it already, or goes to where it was opened.
  const close = () => {
    if (history.state?.order === open) history.back()
    else setOpen('')
  }

  return html`
    <${Announcer} state=${live.connected && live.state} />
    ${
      live.state
        ? html`<${Main} live=${live} onOpen=${(orderId) => setOpen(orderId, 'pushState')} />`
        : html`<main><p class="empty">Connecting to the embedded cloud …</p></main>`
    }
    ${open && live.topology && html`<${OrderDialog} key=${open} orderId=${open} written=${live.written} onClose=${close} />`}
  `
}

render(html`<${App} />`, document.getElementById('app'))
