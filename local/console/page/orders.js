import { useEffect, useRef, useState } from 'preact/hooks'
import { api } from './api.js'
import { clock, html, money, Panel, vendorName } from './ui.js'

const refetchMs = 1000

/** An order's state in a word or two, and in what tone to say it. */
export const standing = ({ status, attention }) => {
  if (attention?.state === 'dead-lettered') return { tone: 'bad', words: `dead: ${attention.reason}` }
  if (attention?.state === 'waiting')
    return { tone: 'warn', words: `waits for the ${vendorName(attention.step).toLowerCase()}` }
  if (attention) return { tone: 'warn', words: `retry: ${attention.reason}` }
  if (status === 'READY_FOR_FULFILLMENT') return { tone: 'ok', words: 'ready' }
  return { tone: status === 'CANCELLING' ? 'warn' : '', words: status.toLowerCase().replaceAll('_', ' ') }
}

/** Fetches what `path` answers, and again when orders changed, at most once a second. */
export const useFresh = (path, written) => {
  const [answer, setAnswer] = useState()
  const fetching = useRef({ busy: false, wanted: false, gone: false }).current
  useEffect(() => () => Object.assign(fetching, { gone: true }), [])
  useEffect(() => {
    const fetchNow = async () => {
      Object.assign(fetching, { busy: true, wanted: false })
      const got = await api('GET', path).catch(({ message }) => ({ answer: { error: message } }))
      if (fetching.gone) return
      setAnswer(got.answer)
      setTimeout(() => {
        fetching.busy = false
        if (fetching.wanted && !fetching.gone) fetchNow()
      }, refetchMs)
    }
    if (fetching.busy) fetching.wanted = true
    else fetchNow()
  }, [path, written])
  return answer
}

/** The latest orders of the shop that this page is. */
export const Orders = ({ written, onOpen }) => {
  const answer = useFresh('/orders?limit=15', written)
  const orders = answer?.orders ?? []
  return html`<${Panel} id="orders" title="Latest orders">
    ${answer?.error && html`<p class="result bad">${answer.error}</p>`}
    ${answer && orders.length === 0 && html`<p class="empty">None yet. Place one, and watch it go.</p>`}
    ${
      orders.length > 0 &&
      html`<div class="scroll" tabindex="0" role="group" aria-label="Table of latest orders">
        <table>
          <thead><tr><th>Reference</th><th>To</th><th class="number">Total</th><th>Placed</th><th>Stands</th></tr></thead>
          <tbody>
            ${orders.map((order) => {
              const { tone, words } = standing(order)
              const { city, country } = order.shippingAddress
              return html`<tr key=${order.orderId}>
                <td><button class="link" onClick=${() => onOpen(order.orderId)}>${order.reference ?? order.orderId}</button></td>
                <td>${city}, ${country}</td>
                <td class="number">${money(order.total, order.currency)}</td>
                <td class="number">${clock(order.createdAt)}</td>
                <td><span class="pill ${tone}">${words}</span></td>
              </tr>`
            })}
          </tbody>
        </table>
      </div>`
    }
  <//>`
}
