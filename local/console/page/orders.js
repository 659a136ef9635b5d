import { useEffect, useRef, useState } from 'preact/hooks'
import { api } from './api.js'
import { button, clock, html, money, Panel, Pill, Said, useParam, vendorName } from './ui.js'

const refetchMs = 1000
/** Looking through all orders may take so small a part of the time. */
const searchShare = 0.05

/** An order's state in a word or two, and in what tone to say it. */
export const standing = ({ status, attention }) => {
  if (attention?.state === 'dead-lettered')
    return { tone: 'danger', words: `dead-lettered: ${attention.reason}` }
  if (attention?.state === 'waiting')
    return { tone: 'warning', words: `waiting for the ${vendorName(attention.step).toLowerCase()}` }
  if (attention) return { tone: 'warning', words: `retrying: ${attention.reason}` }
  if (status === 'READY_FOR_FULFILLMENT') return { tone: 'success', words: 'ready' }
  return {
    tone: status === 'CANCELLING' ? 'warning' : 'secondary',
    words: status.toLowerCase().replaceAll('_', ' '),
  }
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
      const tookMs = path.startsWith('/_local') ? performance.now() - startedAt : 0
      const goOn = () => {
        isBusy = false
        if (isWanted) refresh()
      }
      setTimeout(goOn, Math.max(refetchMs, tookMs / searchShare))
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

/** The latest orders, or those that are looked for. */
export const Orders = ({ written, onOpen }) => {
  const [q, setQ] = useParam('q')
  const [attention, setAttention] = useParam('attention')
  const [reason, setReason] = useParam('reason')
  const [from, setFrom] = useParam('from')
  const asked = Object.entries({ q, attention, reason, from }).filter(([, value]) => value)
  const answer = useFresh(`/_local/orders?${new URLSearchParams(asked)}`, written)
  const { orders = [], total = 0, pageSize, reasons = [], error } = answer ?? {}
  const first = Number(from)
  const nothing = asked.length ? 'No order is like that.' : 'None yet. Place one, and watch it go.'
  const choose = (set) => (value) => {
    set(value)
    setFrom('')
  }
  return html`<${Panel} id="orders" title=${asked.length ? 'Orders found' : 'Latest orders'}>
    <form class="row g-2 small" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label class="col-12 col-sm">Id, reference or AWB
        <input class="form-control form-control-sm" type="search" value=${q} onInput=${({ target }) => choose(setQ)(target.value.trim())} /></label>
      <${Choice} label="Attention" value=${attention} values=${['retrying', 'waiting', 'dead-lettered']} onChoose=${choose(setAttention)} />
      <${Choice} label="Reason" value=${reason} values=${[...new Set([reason, ...reasons])].filter(Boolean)} onChoose=${choose(setReason)} />
    </form>
    <${Said} tone="danger">${error}<//>
    ${
      orders.length > 0
        ? html`<div class="scroll" tabindex="0" role="group" aria-label="Table of orders">
            <table class="table table-sm align-middle m-0">
              <thead><tr><th>Reference</th><th>Status</th><th class="text-end">Placed</th><th class="text-end">Total</th><th>To</th></tr></thead>
              <tbody>${orders.map((order) => html`<${Row} key=${order.orderId} order=${order} onOpen=${onOpen} />`)}</tbody>
            </table>
          </div>`
        : html`<p class="m-0 mt-2">${answer ? nothing : 'Looking …'}</p>`
    }
    <p class="small d-flex gap-2 align-items-center m-0">
      ${first > 0 && html`<button class=${button} onClick=${() => setFrom(String(Math.max(0, first - pageSize) || ''))}>Newer</button>`}
      ${first + orders.length < total && html`<button class=${button} onClick=${() => setFrom(String(first + pageSize))}>Older</button>`}
      ${total > 0 && `${first + 1} to ${first + orders.length} of ${total}`}
    </p>
  <//>`
}
