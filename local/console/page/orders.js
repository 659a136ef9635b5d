import { useEffect, useRef, useState } from 'preact/hooks'
import { api } from './api.js'
import { button, clock, html, money, Panel, Pill, Said, theVendor, useParam } from './ui.js'

/** The shortest time between a response and the next request for the same path. */
const refetchMs = 1000

/** AWB_GENERATED → "AWB generated". */
export const inWords = (code) => code.toLowerCase().replaceAll('_', ' ').replace('awb', 'AWB')

/** An order's state in a few words, and the tone to show it in. */
export const standing = ({ status, attention, vendors }) => {
  const { state, reason, step } = attention ?? {}
  const vendor = vendors?.[step] ? theVendor(vendors[step]) : 'its vendor'
  if (state === 'waiting') return { tone: 'warning', words: `waiting for ${vendor}` }
  if (state) return { tone: state === 'retrying' ? 'warning' : 'danger', words: `${state}: ${reason}` }
  if (status === 'READY_FOR_FULFILLMENT') return { tone: 'success', words: 'ready' }
  return { tone: status === 'CANCELLING' ? 'warning' : 'secondary', words: inWords(status) }
}

const get = (path) => api('GET', path).then(({ answer }) => answer)

/** The response for the path `what`, fetched again when `changes` changes. A failed fetch keeps the last response. */
export const useFresh = (what, changes, ask = get) => {
  const [answer, setAnswer] = useState()
  const [resting, rest] = useState()
  const asked = useRef({})
  useEffect(() => {
    const isAnswered = asked.current.what === what && asked.current.changes === changes
    if (!what || what === resting || isAnswered) return
    asked.current = { what, changes }
    rest(what)
    const take = (got) => {
      if (asked.current.what !== what) return
      setAnswer((last) => (got.error ? { ...last, error: got.error } : got))
      setTimeout(rest, refetchMs, (now) => (now === what ? undefined : now))
    }
    ask(what).then(take, ({ message }) => take({ error: message }))
  }, [what, changes, resting])
  return answer
}

const Choice = ({ label, value, values, onChoose }) => html`<label class="col">${label}
  <select class="form-select form-select-sm" value=${value} onChange=${({ target }) => onChoose(target.value)}>
    <option value="">any</option>
    ${values.map((each) => html`<option value=${each}>${each}</option>`)}
  </select>
</label>`

const Row = ({ order, onOpen }) => {
  const { orderId, reference, shippingAddress: to, total, currency, createdAt } = order
  const { tone, words } = standing(order)
  return html`<tr>
    <td><button class="btn btn-link btn-sm p-0 text-truncate reference" title=${orderId} onClick=${() => onOpen(orderId)}>${reference ?? orderId}</button></td>
    <td><${Pill} tone=${tone}>${words}<//></td>
    <td class="text-end">${clock(createdAt)}</td>
    <td class="text-end text-nowrap">${money(total, currency)}</td>
    <td>${to && `${to.city}, ${to.country}`}</td>
  </tr>`
}

/** The latest orders, or the search results. */
export const Orders = ({ written, onOpen }) => {
  const [q, setQ] = useParam('q')
  const [attention, setAttention] = useParam('attention')
  const [reason, setReason] = useParam('reason')
  const [from, setFrom] = useParam('from')
  const asked = Object.entries({ q, attention, reason, from }).filter(([, value]) => value)
  const answer = useFresh(`/_local/orders?${new URLSearchParams(asked)}`, written)
  const { orders = [], total = 0, pageSize, reasons = [], error } = answer ?? {}
  const first = Number(from)
  // The result has shrunk so that this page no longer exists.
  const isPastEnd = first > 0 && first === answer?.from && first >= total
  useEffect(() => isPastEnd && setFrom(''), [isPastEnd])
  const nothing = asked.length ? 'No order matches.' : 'None yet. Place one, and follow it.'
  const choose = (set) => (value) => {
    set(value)
    setFrom('')
  }
  return html`<${Panel} id="orders" title=${asked.length ? 'Orders found' : 'Latest orders'}>
    <form class="row g-2 small" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label class="col-12 col-sm-5">Id, reference or AWB
        <input class="form-control form-control-sm" type="search" value=${q} onInput=${({ target }) => choose(setQ)(target.value.trim())} /></label>
      <${Choice} label="Attention" value=${attention} values=${['retrying', 'waiting', 'dead-lettered']} onChoose=${choose(setAttention)} />
      <${Choice} label="Reason" value=${reason} values=${[...new Set([reason, ...reasons])].filter(Boolean)} onChoose=${choose(setReason)} />
    </form>
    <${Said} tone="danger">${error}<//>
    ${
      orders.length > 0
        ? html`<div class="scroll" tabindex="0" role="group" aria-label="List of orders">
            <table class="table table-sm align-middle m-0">
              <thead><tr><th>Reference</th><th>Status</th><th class="text-end">Placed</th><th class="text-end">Total</th><th>To</th></tr></thead>
              <tbody>${orders.map((order) => html`<${Row} key=${order.orderId} order=${order} onOpen=${onOpen} />`)}</tbody>
            </table>
          </div>`
        : html`<p class="m-0 mt-2">${answer && !isPastEnd ? nothing : 'Looking …'}</p>`
    }
    <p class="small d-flex gap-2 align-items-center m-0">
      ${first > 0 && html`<button class=${button} onClick=${() => setFrom(String(Math.max(0, first - pageSize) || ''))}>Newer</button>`}
      ${first + orders.length < total && html`<button class=${button} onClick=${() => setFrom(String(first + pageSize))}>Older</button>`}
      ${orders.length > 0 && `${first + 1} to ${first + orders.length} of ${total}`}
    </p>
  <//>`
}
