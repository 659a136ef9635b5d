import { render } from 'preact'
import { useEffect, useReducer, useState } from 'preact/hooks'
import { Announcer } from './announcer.js'
import { DeadLetters } from './dead-letters.js'
import { Faults } from './faults.js'
import { Latency } from './latency.js'
import { reduce, watch } from './live.js'
import { OrderDialog } from './order.js'
import { Orders } from './orders.js'
import { Pipeline } from './pipeline.js'
import { PlaceOrders } from './place.js'
import { html } from './ui.js'

const sections = [
  ['pipeline', 'Pipeline'],
  ['place', 'Place'],
  ['faults', 'Faults'],
  ['orders', 'Orders'],
  ['latency', 'Latency'],
  ['dead-letters', 'Dead letters'],
]

const Header = ({ live }) => html`
  <header class="page-head">
    <h1><img src="/console/icon.svg" alt="" width="28" height="28" />Create Order</h1>
    <p class="live ${live.connected ? 'on' : 'off'}" role="status">
      ${live.connected ? (live.speed > 1 ? `live, waits ÷ ${live.speed}` : 'live') : 'not connected'}
    </p>
    <nav aria-label="Sections">
      ${sections.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}
      <a class="docs" href="/docs">API docs</a>
    </nav>
  </header>
`

const App = () => {
  const [live, change] = useReducer(reduce, { connected: false, clicks: [], written: 0 })
  const [open, setOpen] = useState(() => new URLSearchParams(location.search).get('order'))
  useEffect(() => watch(change), [])
  useEffect(() => {
    const url = new URL(location.href)
    if (open) url.searchParams.set('order', open)
    else url.searchParams.delete('order')
    history.replaceState(null, '', url)
  }, [open])

  return html`
    <a class="skip" href="#place">Skip to placing an order</a>
    <${Header} live=${live} />
    <${Announcer} state=${live.state} />
    ${
      live.state
        ? html`<main>
            <${Pipeline} ...${live} />
            <div class="columns">
              <${PlaceOrders} onOpen=${setOpen} />
              <${Faults} state=${live.state} topology=${live.topology} />
              <${Orders} written=${live.written} onOpen=${setOpen} />
              <div class="stack">
                <${Latency} clicks=${live.clicks} />
                <${DeadLetters} state=${live.state} topology=${live.topology} onOpen=${setOpen} />
              </div>
            </div>
          </main>`
        : html`<main><p class="empty">Connecting to the embedded cloud …</p></main>`
    }
    ${
      open &&
      live.topology &&
      html`<${OrderDialog} key=${open} orderId=${open} written=${live.written} onClose=${() => setOpen(null)} />`
    }
  `
}

render(html`<${App} />`, document.getElementById('app'))
