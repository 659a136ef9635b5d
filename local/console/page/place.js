import { useContext, useEffect, useState } from 'preact/hooks'
import { api, freshOrder, isFresh, realOrders } from './api.js'
import { useFresh } from './orders.js'
import { button, Connected, duration, html, Panel, useWork } from './ui.js'

const PlaceOne = ({ samples, onOpen }) => {
  const anyOf = () => freshOrder(samples[Math.floor(Math.random() * samples.length)])
  const [order, setOrder] = useState(anyOf)
  const [placed, setPlaced] = useState()
  const { said, tell } = useWork()

  const { items, customer, shippingAddress, shippingService } = order
  const place = (sent) => {
    setPlaced()
    const send = async () => {
      const { answer, replayed, ms } = await api('POST', '/orders', sent)
      setPlaced({ ...answer, sent })
      // Keep a reference that the user typed, so that placing the order again replays the same request.
      if (!replayed && isFresh(sent)) setOrder(freshOrder(sent))
      return `${replayed ? 'The same order again' : 'Created'} in ${duration(ms)}.`
    }
    tell(send(), (words) => words)
  }
  const input = (label, value, change, more) => html`<label class="small">${label}
    <input class="form-control form-control-sm" value=${value ?? ''} autocomplete="off" ...${more}
      onInput=${({ target }) => setOrder({ ...order, ...change(target.value) })} /></label>`
  return html`
    <form class="vstack gap-2" onSubmit=${(event) => {
      event.preventDefault()
      place(order)
    }}>
      <p class="small m-0 text-truncate">${customer.name}, ${shippingAddress.city} · ${items.map(({ name, sku }) => name ?? sku).join(', ')}</p>
      <div class="d-flex gap-2">
        ${input('Reference', order.reference, (reference) => ({ reference }))}
        ${input('Country', shippingAddress.country, (country) => ({ shippingAddress: { ...shippingAddress, country } }), { maxlength: 2 })}
        <label class="small service">Service
          <select class="form-select form-select-sm" value=${shippingService ?? 'standard'} onChange=${({ target }) => setOrder({ ...order, shippingService: target.value })}>
            ${['standard', 'express'].map((each) => html`<option value=${each}>${each}</option>`)}
          </select></label>
      </div>
      <div class="d-flex flex-wrap gap-2">
        <button class="btn btn-sm btn-primary" type="submit">Place the order</button>
        <button class=${button} type="button" onClick=${() => setOrder({ ...anyOf(), shippingService })}>Another real order</button>
      </div>
    </form>
    <div class="d-flex flex-wrap column-gap-2">
      ${said}
      ${
        placed &&
        html`<button class="btn btn-link btn-sm p-0" onClick=${() => onOpen(placed.orderId)}>Follow it</button>
          <button class="btn btn-link btn-sm p-0" onClick=${() => place(placed.sent)}>Send the same click again</button>`
      }
    </div>
  `
}

const maxOpen = 5

/** Places many orders at a steady rate. */
const PlaceMany = ({ samples }) => {
  const [count, setCount] = useState(100)
  const [rate, setRate] = useState(10)
  const [progress, setProgress] = useState()
  const isConnected = useContext(Connected)
  const start = () => {
    const now = { wanted: count, sent: 0, done: 0, failed: 0 }
    const tell = (change) => setProgress({ ...Object.assign(now, change) })
    const placeNext = () => {
      if (now.sent >= now.wanted) clearInterval(timer)
      if (now.sent >= now.wanted || now.sent - now.done - now.failed >= maxOpen) return
      tell({ sent: now.sent + 1 })
      api('POST', '/orders', freshOrder(samples[now.sent % samples.length])).then(
        () => tell({ done: now.done + 1 }),
        ({ message }) => tell({ failed: now.failed + 1, why: message }),
      )
    }
    const timer = setInterval(placeNext, 1000 / rate)
    tell({ stop: () => tell({ wanted: now.sent }) })
  }
  const { wanted, done, failed, why, stop } = progress ?? {}
  const active = done + failed < wanted
  // Clear the failures of a lost connection when the server is back.
  useEffect(() => isConnected && !active && setProgress(), [isConnected])
  return html`
    <form class="d-flex flex-wrap gap-2 align-items-end mt-2 pt-2 border-top" onSubmit=${(event) => {
      event.preventDefault()
      start()
    }}>
      <label class="small">How many
        <select class="form-select form-select-sm" value=${count} onChange=${({ target }) => setCount(Number(target.value))} disabled=${active}>
          ${[20, 100, 300, 1000].map((n) => html`<option value=${n}>${n}</option>`)}
        </select>
      </label>
      <label class="small rate">Rate: ${rate} a second
        <input class="form-range" type="range" min="1" max="50" value=${rate} onInput=${({ target }) => setRate(Number(target.value))} />
      </label>
      ${
        active
          ? html`<button class=${button} type="button" key="stop" onClick=${stop}>Stop</button>`
          : html`<button class=${button} type="submit" key="start">Place ${count} orders</button>`
      }
    </form>
    ${
      progress &&
      html`<p class="small m-0"><progress max=${wanted} value=${done + failed} aria-label="Orders placed"></progress>
        ${' '}${done} of ${wanted} placed${failed > 0 && html`, <span class="text-danger-emphasis">${failed} failed: ${why}</span>`}</p>`
    }
  `
}

/** The panel that places one order or hundreds. */
export const PlaceOrders = ({ onOpen }) => {
  const answer = useFresh('/console/sample-orders.jsonl', useContext(Connected), realOrders)
  const { samples, error = 'Fetching real orders …' } = answer ?? {}
  return html`<${Panel} id="place" title="Place orders">
    ${
      samples
        ? html`<${PlaceOne} samples=${samples} onOpen=${onOpen} /><${PlaceMany} samples=${samples} />`
        : html`<p class="m-0" role="status">${error}</p>`
    }
  <//>`
}
