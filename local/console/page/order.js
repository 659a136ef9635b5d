import { useEffect, useRef, useState } from 'preact/hooks'
import { api, control } from './api.js'
import { standing, useFresh } from './orders.js'
import { duration, html, money, vendorName } from './ui.js'
import { Waterfall } from './waterfall.js'

const sentences = {
  CREATED: () => 'Created: the click is answered',
  AWB_GENERATED: () => 'The carrier made the AWB',
  READY_FOR_FULFILLMENT: () => 'Ready: the warehouse has it',
  CANCELLING: () => 'To be cancelled: vendors undo what they have made',
  UNDONE: ({ step }) => `The ${vendorName(step).toLowerCase()} has undone its work`,
  CANCELLED: () => 'Cancelled',
  CANCELLATION_REFUSED: () => 'Not cancelled: the goods have left',
  ATTEMPT_FAILED: ({ attempt, step }) => `Attempt ${attempt} at the ${vendorName(step).toLowerCase()} failed`,
  WAITING: ({ step }) => `Waits for the ${vendorName(step).toLowerCase()}, using up no attempt`,
  DEAD_LETTERED: () => 'Dead-lettered: a person must look',
  REDRIVEN: () => 'Redriven: a new round begins',
  CORRECTED: () => 'The shop corrected the order',
  SETTLED: () => 'Settled by an operator, as the vendor says',
  PERSONAL_DATA_REDACTED: () => 'Personal data was removed',
}
const tones = { ATTEMPT_FAILED: 'warn', WAITING: 'warn', DEAD_LETTERED: 'bad' }

const Timeline = ({ order: { status, timeline }, tone }) => {
  const start = Date.parse(timeline[0].at)
  return html`<ol class="timeline">
    ${timeline.map((entry, index) => {
      const { at, type, reason, nextAttemptAt } = entry
      const nextMs = nextAttemptAt && Date.parse(nextAttemptAt) - Date.parse(at)
      return html`<li key=${index} class=${tones[type] ?? (type === status ? tone : '')}>
        <time datetime=${at}>${index === 0 ? '0' : `+${duration(Date.parse(at) - start)}`}</time>
        <span>${sentences[type]?.(entry) ?? type}${reason && html` <code>${reason}</code>`}
          ${nextMs > 0 && html` <small>next in ${duration(nextMs)}</small>`}</span>
      </li>`
    })}
  </ol>`
}

const Events = ({ events }) => html`
  ${events.length === 0 && html`<p class="empty">The bus remembers only its latest thousand events.</p>`}
  ${events.map(
    (event) => html`<details key=${event.id}>
      <summary>${event['detail-type']} <small>${event.time}</small></summary>
      <pre tabindex="0">${JSON.stringify(event.detail, null, 2)}</pre>
    </details>`,
  )}
`

const ChangeCountry = ({ order, onSay }) => {
  const [country, setCountry] = useState(order.shippingAddress.country)
  const change = (event) => {
    event.preventDefault()
    api('PATCH', `/orders/${order.orderId}`, { shippingAddress: { country: country.toUpperCase() } }).then(
      () => onSay('The address is changed. Now redrive it.'),
      ({ message }) => onSay(message),
    )
  }
  return html`<form class="inline" onSubmit=${change}>
    <label>Country <input size="3" maxlength="2" value=${country} onInput=${({ target }) => setCountry(target.value)} /></label>
    <button>Correct the address</button>
  </form>`
}

const Actions = ({ order, onSay }) => {
  const isDead = order.attention?.state === 'dead-lettered'
  const cancel = () =>
    api('POST', `/orders/${order.orderId}/cancellation`).then(
      ({ answer }) => onSay(`It is ${answer.status.toLowerCase()}.`),
      ({ message }) => onSay(message),
    )
  const redrive = async () => {
    const { deadLetters } = await control('GET', '/dead-letters')
    const letter = deadLetters.find(({ orderId }) => orderId === order.orderId)
    if (!letter) return onSay('No dead-letter queue holds its message.')
    await control('POST', '/dead-letters/redrive', { messageId: letter.messageId })
    return onSay('Sent back to its queue.')
  }
  const isCalledOff = order.status.startsWith('CANCEL')
  return html`<div class="actions">
    ${isDead && html`<button class="primary" onClick=${redrive}>Redrive</button>`}
    ${isDead && !isCalledOff && html`<${ChangeCountry} order=${order} onSay=${onSay} />`}
    ${!isCalledOff && html`<button onClick=${cancel}>Cancel the order</button>`}
  </div>`
}

const Facts = ({ order }) => {
  const { shippingAddress: to, customer } = order
  const facts = [
    ['Reference', order.reference],
    ['Customer', customer.company ?? customer.name],
    ['To', [to.line1, to.postalCode, to.city, to.country].filter(Boolean).join(', ')],
    ['Items', `${order.items.length}, ${money(order.total, order.currency)}`],
    ['AWB', order.awb],
    ['WMS reference', order.wmsReference],
  ]
  return html`<dl class="facts">
    ${facts.map(([name, value]) => value && html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`
}

/** One order's whole story, as it goes on. */
export const OrderDialog = ({ orderId, written, onClose }) => {
  const dialog = useRef()
  const order = useFresh(`/orders/${orderId}`, written)
  const [story, setStory] = useState({ calls: [], events: [] })
  const [said, setSaid] = useState('')
  useEffect(() => dialog.current.showModal(), [])
  useEffect(() => void control('GET', `/orders/${orderId}/story`).then(setStory, () => {}), [order])

  const { tone, words } = order?.orderId ? standing(order) : { tone: '', words: order?.error ?? '…' }
  return html`<dialog ref=${dialog} aria-labelledby="order-title" onClose=${onClose}
    onClick=${({ target }) => target === dialog.current && dialog.current.close()}>
    <article>
      <header>
        <div><h2 id="order-title">Order <code>${orderId}</code></h2><span class="pill ${tone}" role="status">${words}</span></div>
        <button class="close" aria-label="Close" onClick=${() => dialog.current.close()}>×</button>
      </header>
      ${
        order?.orderId &&
        html`<${Facts} order=${order} />
          <${Actions} order=${order} onSay=${setSaid} />
          <p class="result" role="status">${said}</p>
          <h3>From the click to ready</h3>
          <${Waterfall} order=${order} story=${story} />
          <h3>Timeline</h3>
          <${Timeline} order=${order} tone=${tone} />
          <h3>Its events on the bus</h3>
          <${Events} events=${story.events} />`
      }
    </article>
  </dialog>`
}
