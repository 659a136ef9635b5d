import { useEffect, useRef, useState } from 'preact/hooks'
import { api } from './api.js'
import { clock, html, money, Panel, useParam, vendorName } from './ui.js'

const refetchMs = 1000
/** Looking through all orders may take so small a part of the time. */
const searchShare = 0.05

/** An order's state in a word or two, and in what tone to say it. */
export const standing = ({ status, attention }) => {
  if (attention?.state === 'dead-lettered')
    return { tone: 'bad', words: `dead-lettered: ${attention.reason}` }
  if (attention?.state === 'waiting')
    return { tone: 'warn', words: `waiting for the ${vendorName(attention.step).toLowerCase()}` }
  if (attention) return { tone: 'warn', words: `retrying: ${attention.reason}` }
  if (status === 'READY_FOR_FULFILLMENT') return { tone: 'ok', words: 'ready' }
  return { tone: status === 'CANCELLING' ? 'warn' : '', words: status.toLowerCase().replaceAll('_', ' ') }
}

/** Fetches what `path` answers, and again when orders changed. What was there stays where that fails. */
export const useFresh = (path, written) => {
  const [answer, setAnswer] = useState()
  const latest = useRef({})
  useEffect(() => {
    let [isBusy, isWanted, isGone] = [false, false, false]
    const refresh = async () => {
      isWanted = isBusy
      if (isBusy || isGone) return
      isBusy = true
      const startedAt = performance.now()
      const got = await api('GET', path).catch(({ message }) => ({ error: message }))
      if (isGone) return
      setAnswer((last) => (got.error ? { ...last, error: got.error } : got.answer))
      const searchMs = path.startsWith('/_local') ? performance.now() - startedAt : 0
      setTimeout(
        () => {
          isBusy = false
          if (isWanted) refresh()
        },
        Math.max(refetchMs, searchMs / searchShare),
      )
    }
    latest.current = { refresh, written }
    refresh()
    return () => {
      isGone = true
    }
  }, [path])
  useEffect(() => {
    if (latest.current.written !== written) latest.current.refresh()
  }, [written])
  return answer
}

const states = ['retrying', 'waiting', 'dead-lettered']

const Choice = ({ label, value, values, onChoose }) => html`<label>${label}
  <select value=${value} onChange=${({ target }) => onChoose(target.value)}>
    <option value="">any</option>
    ${values.map((each) => html`<option value=${each}>${each}</option>`)}
  </select>
</label>`

const Row = ({ order, onOpen }) => {
  const { orderId, reference, shippingAddress: to, total, currency, createdAt } = order
  const { tone, words } = standing(order)
  return html`<tr>
    <td><button class="link reference" title=${orderId} onClick=${() => onOpen(orderId)}>${reference ?? orderId}</button></td>
    <td><span class="pill ${tone}">${words}</span></td>
    <td class="number">${clock(createdAt)}</td>
    <td class="number">${money(total, currency)}</td>
    <td>${to && `${to.city}, ${to.country}`}</td>
  </tr>`
}

/** The latest orders, or those that are looked for. */
export const Orders = ({ written, onOpen }) => {
  const [q, setQ] = useParam('q')
  const [attention, setAttention] = useParam('attention')
  const [reason, setReason] = useParam('reason')
  const [from, setFrom] = useParam('from')
  const asked = Object.entries({ q, attention, reason, from }).filter(([, value]) => value)
  // All orders are looked through for a search only: the latest come from an index.
  const path = asked.length ? `/_local/orders?${new URLSearchParams(asked)}` : '/orders?limit=15'
  const answer = useFresh(path, written)
  const { orders = [], total, pageSize = 15, reasons = [], nextCursor, error } = answer ?? {}
  const first = Number(from)
  const hasMore = total === undefined ? Boolean(nextCursor) : first + orders.length < total
  const choose = (set) => (value) => {
    set(value)
    setFrom('')
  }
  return html`<${Panel} id="orders" title=${asked.length ? 'Orders found' : 'Latest orders'}>
    <form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label>Id, reference or AWB<input type="search" value=${q} onInput=${({ target }) => choose(setQ)(target.value.trim())} /></label>
      <${Choice} label="Attention" value=${attention} values=${states} onChoose=${choose(setAttention)} />
      <${Choice} label="Reason" value=${reason} values=${[...new Set([reason, ...reasons])].filter(Boolean)} onChoose=${choose(setReason)} />
    </form>
    ${error && html`<p class="result bad" role="status">${error}</p>`}
    ${
      answer &&
      orders.length === 0 &&
      html`<p class="empty">${asked.length ? 'No order is like that.' : 'None yet. Place one, and watch it go.'}</p>`
    }
    ${
      orders.length > 0 &&
      html`<div class="scroll" tabindex="0" role="group" aria-label="Table of orders">
        <table>
          <thead><tr><th>Reference</th><th>Status</th><th>Placed</th><th class="number">Total</th><th>To</th></tr></thead>
          <tbody>${orders.map((order) => html`<${Row} key=${order.orderId} order=${order} onOpen=${onOpen} />`)}</tbody>
        </table>
      </div>`
    }
    <p class="pages">
      ${first > 0 && html`<button onClick=${() => setFrom(String(Math.max(0, first - pageSize) || ''))}>Newer</button>`}
      ${hasMore && html`<button onClick=${() => setFrom(String(first + pageSize))}>Older</button>`}
      ${total > 0 && `${first + 1} to ${first + orders.length} of ${total}`}
    </p>
  <//>`
}
