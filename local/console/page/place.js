import { useEffect, useRef, useState } from 'preact/hooks'
import { api, freshOrder, sampleOrders } from './api.js'
import { duration, html, money, Panel } from './ui.js'

const within = (part, field, label) => [
  field,
  label,
  (order) => order[part][field],
  (order, value) => ({ ...order, [part]: { ...order[part], [field]: value || undefined } }),
]
const fields = [
  ['reference', 'Reference', (order) => order.reference, (order, reference) => ({ ...order, reference })],
  within('customer', 'name', 'Customer'),
  within('shippingAddress', 'line1', 'Street'),
  within('shippingAddress', 'postalCode', 'Postal code'),
  within('shippingAddress', 'city', 'City'),
  within('shippingAddress', 'country', 'Country'),
]

const totalOf = ({ items, charges = [] }) =>
  items.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0) +
  charges.reduce((sum, { type, amount }) => sum + (type === 'discount' ? -Math.abs(amount) : amount), 0)

const Items = ({ order, onChange }) => html`
  <fieldset class="items">
    <legend>Items</legend>
    <ul>
      ${order.items.map(
        (item, index) => html`<li key=${item.sku}>
          <label for="quantity-${index}">${item.name ?? item.sku}</label>
          <input id="quantity-${index}" type="number" min="1" value=${item.quantity}
            onInput=${({ target }) =>
              onChange({
                ...order,
                items: order.items.map((each, i) =>
                  i === index ? { ...each, quantity: Number(target.value) } : each,
                ),
              })} />
          <span class="price">${money(item.unitPrice, order.currency)}</span>
        </li>`,
      )}
    </ul>
  </fieldset>
`

const PlaceOne = ({ onOpen }) => {
  const [order, setOrder] = useState()
  const [result, setResult] = useState()
  const another = async () => {
    const samples = await sampleOrders()
    setOrder(freshOrder(samples[Math.floor(Math.random() * samples.length)]))
  }
  useEffect(() => void another(), [])
  if (!order) return html`<p class="empty">Fetching a real order …</p>`

  const place = async (sent) => {
    try {
      const { answer, replayed, ms } = await api('POST', '/orders', sent)
      setResult({ ...answer, replayed, ms, sent })
      if (!replayed) setOrder(freshOrder({ ...sent, reference: sent.reference?.replace(/-\w+-\d+$/, '') }))
    } catch (error) {
      setResult({ error: error.message })
    }
  }
  return html`
    <form onSubmit=${(event) => {
      event.preventDefault()
      place(order)
    }}>
      <div class="fields">
        ${fields.map(
          ([name, label, get, set]) => html`<label class=${name} key=${name}>${label}
            <input name=${name} value=${get(order) ?? ''} autocomplete="off"
              onInput=${({ target }) => setOrder(set(order, target.value))} />
          </label>`,
        )}
      </div>
      <${Items} order=${order} onChange=${setOrder} />
      <div class="actions">
        <button class="primary" type="submit">Place order · ${money(totalOf(order), order.currency)}</button>
        <button type="button" onClick=${another}>Another real order</button>
      </div>
    </form>
    <p class="result ${result?.error ? 'bad' : ''}" role="status">
      ${
        result &&
        (result.error ??
          html`${result.replayed ? 'The same order again' : '201 Created'} in ${duration(result.ms)}.${' '}
            <button class="link" onClick=${() => onOpen(result.orderId)}>Follow ${result.orderId.slice(0, 12)}…</button>
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

  const stop = () => {
    clearInterval(running.current)
    running.current = undefined
  }
  useEffect(() => stop, [])

  const start = async () => {
    const samples = await sampleOrders()
    let [credit, sent, done, failed, open] = [0, 0, 0, 0, 0]
    const tell = () =>
      setProgress({ sent, done, failed, count, active: done + failed < sent || sent < count })
    tell()
    running.current = setInterval(() => {
      credit = Math.min(credit + (rateNow.current * tickMs) / 1000, maxOpen)
      while (credit >= 1 && sent < count && open < maxOpen) {
        credit -= 1
        open += 1
        api('POST', '/orders', freshOrder(samples[sent++ % samples.length]))
          .then(
            () => done++,
            () => failed++,
          )
          .finally(() => {
            open -= 1
            tell()
          })
      }
      if (sent >= count && open === 0) stop()
    }, tickMs)
  }
  const rateNow = useRef(rate)
  rateNow.current = rate
  const active = progress?.active && running.current
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
          ? html`<button type="button" onClick=${() => {
              stop()
              setProgress({ ...progress, active: false })
            }}>Stop</button>`
          : html`<button type="submit">Place ${count} orders</button>`
      }
    </form>
    ${
      progress &&
      html`<p class="result"><progress max=${progress.count} value=${progress.done} aria-label="Orders placed"></progress>
        ${' '}${progress.done} of ${progress.count} placed${progress.failed ? `, ${progress.failed} failed` : ''}</p>`
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
