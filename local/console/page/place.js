import { useEffect, useRef, useState } from 'preact/hooks'
import { api, freshOrder, isFresh, sampleOrders } from './api.js'
import { button, duration, html, Panel, Said } from './ui.js'

const PlaceOne = ({ onOpen }) => {
  const [order, setOrder] = useState()
  const [result, setResult] = useState()
  const another = async () => {
    const samples = await sampleOrders()
    setOrder(freshOrder(samples[Math.floor(Math.random() * samples.length)]))
  }
  useEffect(() => void another(), [])
  if (!order) return html`<p>Fetching a real order …</p>`

  const { items, customer, shippingAddress } = order
  const place = async (sent) => {
    setResult(undefined)
    try {
      const { answer, replayed, ms } = await api('POST', '/orders', sent)
      setResult({ ...answer, replayed, ms, sent })
      // A reference of the user's own stays: to place it again is the same click again.
      if (!replayed && isFresh(sent)) setOrder(freshOrder(sent))
    } catch (error) {
      setResult({ error: error.message })
    }
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
      </div>
      <div class="d-flex flex-wrap gap-2">
        <button class="btn btn-sm btn-primary" type="submit">Place the order</button>
        <button class=${button} type="button" onClick=${another}>Another real order</button>
      </div>
    </form>
    <${Said} tone=${result?.error && 'danger'}>
      ${
        result &&
        (result.error ??
          html`${result.replayed ? 'The same order again' : 'Created'} in ${duration(result.ms)}.
            <button class="btn btn-link btn-sm py-0" onClick=${() => onOpen(result.orderId)}>Follow it</button>
            <button class="btn btn-link btn-sm py-0" onClick=${() => place(result.sent)}>Send the same click again</button>`)
      }
    <//>
  `
}

const maxOpen = 5

/** Places many orders at a steady rate, as many shops at once would. */
const PlaceMany = () => {
  const [count, setCount] = useState(100)
  const [rate, setRate] = useState(10)
  const [progress, setProgress] = useState()
  const running = useRef()

  const stop = () => {
    clearInterval(running.current)
    setProgress((last) => last && { ...last, isStopped: true })
  }
  useEffect(() => stop, [])

  const start = async () => {
    const samples = await sampleOrders()
    const now = { count, sent: 0, done: 0, failed: 0, why: '' }
    const tell = (change) => setProgress({ ...Object.assign(now, change) })
    const placeNext = () => {
      if (now.sent - now.done - now.failed >= maxOpen) return
      tell({ sent: now.sent + 1 })
      if (now.sent === count) clearInterval(running.current)
      api('POST', '/orders', freshOrder(samples[now.sent % samples.length])).then(
        () => tell({ done: now.done + 1 }),
        ({ message }) => tell({ failed: now.failed + 1, why: message }),
      )
    }
    tell({})
    running.current = setInterval(placeNext, 1000 / rate)
  }
  const { isStopped, done, failed, why } = progress ?? {}
  const active = progress && !isStopped && done + failed < progress.count
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
      <label class="small flex-fill">Rate: ${rate} a second
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
      html`<p class="small m-0"><progress max=${progress.count} value=${done + failed} aria-label="Orders placed"></progress>
        ${' '}${done} of ${progress.count} placed${failed > 0 && html`, <span class="text-danger-emphasis">${failed} failed: ${why}</span>`}</p>`
    }
  `
}

/** One order by hand, or hundreds. */
export const PlaceOrders = ({ onOpen }) => html`
  <${Panel} id="place" title="Place orders">
    <${PlaceOne} onOpen=${onOpen} />
    <${PlaceMany} />
  <//>
`
