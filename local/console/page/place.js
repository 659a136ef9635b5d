import { useEffect, useRef, useState } from 'preact/hooks'
import { api, freshOrder, isFresh, sampleOrders } from './api.js'
import { duration, html, Panel } from './ui.js'

const PlaceOne = ({ onOpen }) => {
  const [order, setOrder] = useState()
  const [result, setResult] = useState()
  const another = async () => {
    const samples = await sampleOrders()
    setOrder(freshOrder(samples[Math.floor(Math.random() * samples.length)]))
  }
  useEffect(() => void another(), [])
  if (!order) return html`<p class="empty">Fetching a real order …</p>`

  const { reference, items, customer, shippingAddress } = order
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
  const edit = ({ target }) => {
    try {
      setOrder({ ...JSON.parse(target.value) })
      target.setCustomValidity('')
    } catch ({ message }) {
      target.setCustomValidity(message)
      target.reportValidity()
    }
  }
  return html`
    <form onSubmit=${(event) => {
      event.preventDefault()
      place(order)
    }}>
      <p class="gist">${customer?.name}, ${shippingAddress?.city} · ${items?.map(({ name, sku }) => name ?? sku).join(', ')}</p>
      <div class="fields">
        <label>Reference<input name="reference" value=${reference ?? ''} autocomplete="off"
          onInput=${({ target }) => setOrder({ ...order, reference: target.value })} /></label>
        <label>Country<input name="country" value=${shippingAddress?.country ?? ''} autocomplete="off" maxlength="2"
          onInput=${({ target }) =>
            setOrder({ ...order, shippingAddress: { ...shippingAddress, country: target.value } })} /></label>
      </div>
      <details>
        <summary>The whole order, to edit</summary>
        <textarea aria-label="The order as JSON" spellcheck="false" rows="12" onChange=${edit}
          value=${JSON.stringify(order, null, 2)}></textarea>
      </details>
      <div class="actions">
        <button class="primary" type="submit">Place the order</button>
        <button type="button" onClick=${another}>Another real order</button>
      </div>
    </form>
    <p class="result ${result?.error ? 'bad' : ''}" role="status">
      ${
        result &&
        (result.error ??
          html`${result.replayed ? 'The same order again' : 'Created'} in ${duration(result.ms)}.${' '}
            <button class="link" onClick=${() => onOpen(result.orderId)}>Follow it</button>
            <button class="link" onClick=${() => place(result.sent)}>Send the same click again</button>`)
      }
    </p>
  `
}

const tickMs = 100
const maxOpen = 5

/** Places many orders at a steady rate, as many shops at once would. */
const PlaceMany = () => {
  const [count, setCount] = useState(100)
  const [rate, setRate] = useState(10)
  const [progress, setProgress] = useState()
  const running = useRef()
  const rateNow = useRef()
  rateNow.current = rate

  const stop = () => {
    clearInterval(running.current)
    setProgress((last) => last && { ...last, active: false })
  }
  useEffect(() => stop, [])

  const start = async () => {
    const samples = await sampleOrders()
    let [credit, sent, open] = [0, 0, 0]
    const now = { count, active: true, done: 0, failed: 0, why: '' }
    const tell = (change) => setProgress({ ...Object.assign(now, change) })
    const placeNext = () =>
      api('POST', '/orders', freshOrder(samples[sent++ % samples.length])).then(
        () => tell({ done: now.done + 1 }),
        ({ message }) => tell({ failed: now.failed + 1, why: message }),
      )
    tell({})
    running.current = setInterval(() => {
      credit = Math.min(credit + (rateNow.current * tickMs) / 1000, maxOpen)
      while (credit >= 1 && sent < count && open < maxOpen) {
        credit -= 1
        open += 1
        placeNext().finally(() => {
          open -= 1
        })
      }
      if (sent >= count && open === 0) stop()
    }, tickMs)
  }
  const { active, done, failed, why } = progress ?? {}
  return html`
    <form class="many" onSubmit=${(event) => {
      event.preventDefault()
      start()
    }}>
      <label>How many
        <select value=${count} onChange=${({ target }) => setCount(Number(target.value))} disabled=${active}>
          ${[20, 100, 300, 1000].map((n) => html`<option value=${n}>${n}</option>`)}
        </select>
      </label>
      <label class="wide"><span>Rate: ${rate} a second</span>
        <input type="range" min="1" max="50" value=${rate} onInput=${({ target }) => setRate(Number(target.value))} />
      </label>
      ${
        active
          ? html`<button type="button" key="stop" onClick=${stop}>Stop</button>`
          : html`<button type="submit" key="start">Place ${count} orders</button>`
      }
    </form>
    ${
      progress &&
      html`<p class="result"><progress max=${progress.count} value=${done + failed} aria-label="Orders placed"></progress>
        ${' '}${done} of ${progress.count} placed${failed > 0 && html`, <span class="bad">${failed} failed: ${why}</span>`}</p>`
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
