import { useEffect, useRef, useState } from 'preact/hooks'
import { api, control, operate } from './api.js'
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
  WAITING: ({ step }) => `Waiting for the ${vendorName(step).toLowerCase()}, using up no attempt`,
  DEAD_LETTERED: () => 'Dead-lettered: a person must look',
  REDRIVE_REQUESTED: () => 'An operator sends it on',
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

const ChangeCountry = ({ order, onDone }) => {
  const [country, setCountry] = useState(order.shippingAddress.country)
  const change = (event) => {
    event.preventDefault()
    const shippingAddress = { country: country.toUpperCase() }
    onDone(
      'Correcting …',
      api('PATCH', `/orders/${order.orderId}`, { shippingAddress }),
      () => 'The address is corrected. Now redrive the order.',
    )
  }
  return html`<form class="inline" onSubmit=${change}>
    <label>Country <input size="3" maxlength="2" value=${country} onInput=${({ target }) => setCountry(target.value)} /></label>
    <button>Correct the address</button>
  </form>`
}

/** What can be settled of a vendor's work by its people's word: the options of `order settle`. */
const settlements = {
  '--awb': 'it has made this AWB',
  '--wms-reference': 'it has taken it on under this number',
  '--nothing-made': 'it has made nothing',
  '--voided': 'it has undone its work',
  '--shipped': 'the goods have left',
}

const Settle = ({ options, onSettle }) => {
  const [option, setOption] = useState(options[0])
  const [value, setValue] = useState('')
  const needsValue = /awb|wms/.test(option)
  return html`<form class="inline" onSubmit=${(event) => {
    event.preventDefault()
    onSettle(option, ...(needsValue ? [value] : []))
  }}>
    <label>The vendor says: <select value=${option} onChange=${({ target }) => setOption(target.value)}>
      ${options.map((each) => html`<option value=${each}>${settlements[each]}</option>`)}
    </select></label>
    ${needsValue && html`<input required aria-label="Its number" value=${value} onInput=${({ target }) => setValue(target.value)} />`}
    <button>Record it</button>
  </form>`
}

/** Every way on from where the order is: those that `order show` advises, and the shop's own. */
const Actions = ({ order, advice, onDone }) => {
  const { orderId, attention, status } = order
  const isDead = attention?.state === 'dead-lettered'
  const isCalledOff = status.startsWith('CANCEL')
  const settling = advice.find((line) => line.includes(' settle '))
  const options = Object.keys(settlements).filter((option) => settling?.includes(option))
  const redrive = () =>
    onDone('Sending back …', operate('dlq', 'redrive', '--order', orderId), () => 'Sent back to its queue.')
  const settle = (...said) =>
    onDone('Recording it …', operate('order', 'settle', orderId, ...said), () => 'Recorded.')
  const cancel = () =>
    onDone(
      'Cancelling …',
      api('POST', `/orders/${orderId}/cancellation`),
      ({ answer }) => `It is ${answer.status.toLowerCase()}.`,
    )
  return html`<div class="actions">
    ${isDead && html`<button class="primary" onClick=${redrive}>Redrive</button>`}
    ${isDead && !isCalledOff && html`<${ChangeCountry} order=${order} onDone=${onDone} />`}
    ${options.length > 0 && html`<${Settle} options=${options} onSettle=${settle} />`}
    ${!isCalledOff && html`<button onClick=${cancel}>Cancel the order</button>`}
  </div>`
}

const Advice = ({ summary, advice }) => html`
  <p>${summary}</p>
  ${
    advice.length > 0 &&
    html`<h3>What to do</h3><ul class="advice">${advice.map((line) => html`<li key=${line}>${line}</li>`)}</ul>`
  }
`

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
  const [report, setReport] = useState({ advice: [] })
  const [said, setSaid] = useState('')
  useEffect(() => {
    const { current } = dialog
    current.showModal()
    // Closed before it goes, so that the focus returns to where it was.
    return () => current.close()
  }, [])
  useEffect(() => void control('GET', `/orders/${orderId}/story`).then(setStory, () => {}), [order])
  const stuck = order?.attention && `${order.attention.state} ${order.attention.since} ${order.status}`
  useEffect(() => {
    setReport({ advice: [] })
    if (stuck)
      control('POST', '/operator', { tool: 'order', args: ['show', orderId] }).then(
        (answer) => setReport(answer.order),
        ({ message }) => setSaid(message),
      )
  }, [stuck])
  const onDone = (meanwhile, work, words) => {
    setSaid(meanwhile)
    work.then(
      (answer) => setSaid(words(answer)),
      ({ message }) => setSaid(message),
    )
  }

  const { tone, words } = order?.orderId ? standing(order) : { tone: '', words: order?.error ?? '…' }
  return html`<dialog ref=${dialog} aria-labelledby="order-title" onClose=${onClose}
    onClick=${({ target }) => target === dialog.current && dialog.current.close()}>
    <article>
      <header>
        <div><h2 id="order-title" tabindex="-1">Order <code>${orderId}</code></h2><span class="pill ${tone}" role="status">${words}</span></div>
        <button class="close" aria-label="Close" onClick=${() => dialog.current.close()}>×</button>
      </header>
      ${
        order?.orderId &&
        html`<${Facts} order=${order} />
          ${report.summary && html`<${Advice} ...${report} />`}
          <${Actions} order=${order} advice=${report.advice} onDone=${onDone} />
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
