import { useEffect, useRef, useState } from 'preact/hooks'
import { api, control, operate } from './api.js'
import { standing, useFresh } from './orders.js'
import { button, clock, duration, html, money, Pill, Said, vendorName } from './ui.js'
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
const tones = {
  ATTEMPT_FAILED: 'warning',
  WAITING: 'warning',
  DEAD_LETTERED: 'danger',
  READY_FOR_FULFILLMENT: 'success',
}

const Timeline = ({ timeline }) => {
  const start = Date.parse(timeline[0].at)
  return html`<ol class="list-unstyled">
    ${timeline.map((entry, index) => {
      const { at, type, reason, nextAttemptAt } = entry
      const nextMs = nextAttemptAt && Date.parse(nextAttemptAt) - Date.parse(at)
      return html`<li key=${index} class="row g-2">
        <time class="col-2 text-end text-body-secondary" datetime=${at}>${index === 0 ? '0' : `+${duration(Date.parse(at) - start)}`}</time>
        <span class="col text-${tones[type] ?? 'body'}-emphasis">${sentences[type]?.(entry) ?? type}
          ${reason && html` <code>${reason}</code>`} ${nextMs > 0 && `next in ${duration(nextMs)}`}</span>
      </li>`
    })}
  </ol>`
}

/** What can be opened to see all of it. */
const Records = ({ title, none = 'None.', records }) => html`
  <h3 class="h6 mt-3">${title}</h3>
  ${records.length === 0 && html`<p>${none}</p>`}
  ${records.map(
    ({ at, words, body }) => html`<details class="border-bottom py-1">
      <summary>${clock(at)} ${words}</summary>
      <pre tabindex="0" class="bg-body-tertiary p-2 m-0">${JSON.stringify(body, null, 2)}</pre>
    </details>`,
  )}
`

const callRecord = ({ at, vendor, method, status, latencyMs, ...body }) => ({
  at,
  words: `${method} to the ${vendor}: ${status ?? 'no answer'} after ${duration(latencyMs)}`,
  body,
})

/** A line of advice. A command in it is filled in, where it has to be, and run from here. */
const Advice = ({ line, onDone }) => {
  const [, words = line, command] = /^(.*)npx +orderctl (.+?)(?: --note .*)?$/.exec(line) ?? []
  const run = (event) => {
    event.preventDefault()
    const [tool, ...args] = new FormData(event.target).get('command').trim().split(/ +/)
    onDone('Doing it …', operate(tool, ...args), () => 'Done.')
  }
  return html`<li>${words}${
    command &&
    html`<form class="input-group input-group-sm" onSubmit=${run}>
      <input class="form-control font-monospace" name="command" aria-label=${words} defaultValue=${command} autocomplete="off"
        pattern="[^<>\\|]+" title="One of what | separates, with what stands in <> filled in" />
      <button class=${button}>Run</button>
    </form>`
  }</li>`
}

/** The ways on: those of an operator as `order show` advises them, and the shop's own. */
const WaysOn = ({ order, report, onDone }) => {
  const { orderId, attention, status } = order
  const isDead = attention?.state === 'dead-lettered'
  const isCalledOff = status.startsWith('CANCEL')
  const redrive = () =>
    onDone('Sending back …', operate('dlq', 'redrive', '--order', orderId), () => 'Sent back to its queue.')
  const cancel = () =>
    onDone('Cancelling …', api('POST', `/orders/${orderId}/cancellation`), () => 'It is called off.')
  const correct = () => {
    const country = prompt('Which country is right?', order.shippingAddress.country)
    const change = { shippingAddress: { country } }
    if (country)
      onDone('Correcting …', api('PATCH', `/orders/${orderId}`, change), () => 'Now redrive the order.')
  }
  return html`
    ${report.summary && html`<p class="m-0">${report.summary}</p>`}
    <ul class="m-0 wrap-anywhere">${report.advice.map((line) => html`<${Advice} key=${line} line=${line} onDone=${onDone} />`)}</ul>
    <div class="d-flex flex-wrap gap-2">
      ${isDead && html`<button class="btn btn-sm btn-primary" onClick=${redrive}>Redrive</button>`}
      ${isDead && !isCalledOff && html`<button class=${button} onClick=${correct}>Correct the country</button>`}
      ${!isCalledOff && html`<button class=${button} onClick=${cancel}>Cancel the order</button>`}
    </div>
  `
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
    ${facts.map(
      ([name, value]) =>
        value &&
        html`<div key=${name}><dt class="small fw-normal text-body-secondary">${name}</dt><dd class="m-0 wrap-anywhere">${value}</dd></div>`,
    )}
  </dl>`
}

/** One order's whole story, as it goes on. */
export const OrderDialog = ({ orderId, written, onStory, onClose }) => {
  const dialog = useRef()
  const order = useFresh(`/orders/${orderId}`, written)
  const [story, setStory] = useState({ calls: [], events: [], logs: [] })
  const [report, setReport] = useState({ advice: [] })
  const [said, setSaid] = useState('')
  useEffect(() => {
    const { current } = dialog
    current.showModal()
    // Closed before it goes, so that the focus returns to where it was.
    return () => current.close()
  }, [])
  useEffect(() => {
    control('GET', `/orders/${orderId}/report`).then(
      (told) => {
        setStory(told)
        onStory({
          lanes: told.events.map(({ detail }) => detail.data.lane),
          isDead: order?.attention?.state === 'dead-lettered',
        })
      },
      ({ message }) => setSaid(message),
    )
  }, [order])
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

  const { tone, words } = order?.orderId ? standing(order) : { words: order?.error ?? '…' }
  const names = { id: orderId, reference: order?.reference, AWB: order?.awb }
  const copy = (text) => navigator.clipboard.writeText(text).then(() => setSaid(`Copied ${text}.`))
  return html`<dialog class="border-start border-top p-3" ref=${dialog} aria-labelledby="order-title" onClose=${onClose}
    onClick=${({ target }) => target === dialog.current && dialog.current.close()}>
    <article class="vstack gap-2">
      <header class="d-flex justify-content-between align-items-start gap-3">
        <h2 class="h6 m-0 wrap-anywhere" id="order-title" tabindex="-1">Order ${orderId} <${Pill} tone=${tone} role="status">${words}<//></h2>
        <button class="btn-close" aria-label="Close" onClick=${() => dialog.current.close()}></button>
      </header>
      ${
        order?.orderId &&
        html`<${Facts} order=${order} />
          <div class="d-flex flex-wrap gap-2">
            ${Object.entries(names).map(([name, text]) => text && html`<button class=${button} onClick=${() => copy(text)}>Copy the ${name}</button>`)}
          </div>
          <${WaysOn} order=${order} report=${report} onDone=${onDone} />
          <${Said}>${said}<//>
          <h3 class="h6 mt-3">From the click to ready</h3>
          <${Waterfall} order=${order} story=${story} />
          <h3 class="h6 mt-3">Timeline</h3>
          <${Timeline} timeline=${order.timeline} />
          <${Records} title="What its vendors were sent, and answered" none="No vendor was called." records=${story.calls.map(callRecord)} />
          <${Records} title="Its events on the bus" none="The bus remembers only its latest thousand events." records=${story.events.map((event) => ({ at: event.time, words: event['detail-type'], body: event.detail }))} />
          <${Records} title="What the functions logged of it" records=${story.logs.map(({ at, function: name, line }) => ({ at, words: `${name}: ${line.message}`, body: line }))} />`
      }
    </article>
  </dialog>`
}
