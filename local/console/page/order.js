import { useContext, useEffect, useRef } from 'preact/hooks'
import { api, control, operate } from './api.js'
import { inWords, standing, useFresh } from './orders.js'
import { button, Connected, clock, duration, html, money, Pill, Said, theVendor, useWork } from './ui.js'
import { Waterfall } from './waterfall.js'

/** How often the order's advice is refreshed while nothing changes. */
const adviceMs = 30_000

const tones = { ATTEMPT_FAILED: 'warning', WAITING: 'warning', DEAD_LETTERED: 'danger' }

/** The order's timeline; `told` has the wording of `order show`, once it is loaded. */
const Timeline = ({ timeline, told = [] }) => {
  const start = Date.parse(timeline[0].at)
  return html`<ol class="list-unstyled">
    ${timeline.map(({ at, type }, index) => {
      const { text = inWords(type) } = told.find((entry) => entry.at === at && entry.type === type) ?? {}
      return html`<li key=${index} class="row g-2">
        <time class="col-2 text-end text-body-secondary" datetime=${at}>${index === 0 ? '0' : `+${duration(Date.parse(at) - start)}`}</time>
        <span class="col sentence wrap-anywhere text-${tones[type] ?? 'body'}-emphasis">${text}</span>
      </li>`
    })}
  </ol>`
}

/** A list of expandable records, or `none` if it is empty. */
const Records = ({ title, none, records }) => html`
  <h3 class="h6 mt-3">${title}</h3>
  ${records.length === 0 && html`<p>${none}</p>`}
  ${records.map(
    ({ at, words, body }) => html`<details class="border-bottom py-1">
      <summary>${clock(at)} ${words}</summary>
      <pre tabindex="0" class="bg-body-tertiary p-2 m-0">${JSON.stringify(body, null, 2)}</pre>
    </details>`,
  )}
`

const callRecord = ({ at, vendor, method, status, latencyMs, ...body }, index) => ({
  at,
  words: `${index + 1}. ${method} to ${theVendor(vendor)}: ${status ?? 'no answer'} after ${duration(latencyMs)}`,
  body,
})

const doneWords = ({ order, orders }) =>
  order?.summary ?? (orders === 0 ? 'Nothing was redriven: the order has moved on.' : 'Done.')

/** A form that runs an action: an editable text, with placeholders to fill in, and a button. */
const Way = ({ words, text, verb, act, run }) => {
  const submit = (event) => {
    event.preventDefault()
    run('Working …', async () => act(new FormData(event.target).get('text')), doneWords)
  }
  return html`<li class="way-on wrap-anywhere">${words}${
    text &&
    html`<form class="input-group input-group-sm" style="flex-basis:calc(${text.length} * 0.55rem + 6rem)" onSubmit=${submit}>
      <input class="form-control font-monospace" name="text" aria-label=${words} defaultValue=${text} autocomplete="off"
        pattern="[^<>…\\|]+" title="Keep one of the choices separated by |, and replace … with a value" />
      <button class="${button} text-capitalize">${verb}</button>
    </form>`
  }</li>`
}

/** The action that runs an `orderctl` command. */
const byCommand = (words, text) => {
  const [, verb] = text.split(' ')
  return { words, text, verb, act: (command) => operate(...command.trim().split(/ +/)) }
}
const advised = (line) => {
  const [, words, text] = /^(.*)npx +orderctl (.+?)(?: --note .*)?$/.exec(line) ?? []
  return text ? byCommand(words, text) : { words: line }
}

/** The actions: first those that `order show` advises, then the others. The server refuses those that are too late. */
const waysOn = (order, { advice, ownerId, vendors }, lanes) => {
  const { orderId, status, attention, awb, shippingAddress, items } = order
  const isCalledOff = status.startsWith('CANCEL')
  const isFinished = /^(READY|CANCELLED)/.test(status)
  const made = { logistics: '--awb … | ', wms: '--wms-reference … | ' }[attention?.step] ?? ''
  const answers = `${made}--nothing-made${isCalledOff ? ' | --voided | --shipped' : ''}`
  const able = lanes.filter(({ step, vendor }) => step === attention?.step && vendor !== vendors[step])
  const others = able.map(({ vendor }) => vendor).join(' | ')
  const correct = (change) =>
    api('PATCH', `/orders/${orderId}`, JSON.parse(change), { 'on-behalf-of': ownerId })
  const change = JSON.stringify(awb ? { items } : { shippingAddress, items })
  const first = advice.map(advised)
  const more = [
    attention && byCommand('Record what its vendor says:', `order settle ${orderId} ${answers}`),
    others &&
      !isCalledOff &&
      byCommand('Give it to another vendor:', `order reroute ${orderId} --to ${others}`),
    !isCalledOff && byCommand('Cancel it:', `order cancel ${orderId}`),
    isFinished && byCommand('Remove its personal data permanently:', `order redact ${orderId}`),
    !isCalledOff && !isFinished && { words: 'Correct it:', text: change, verb: 'correct', act: correct },
  ]
  return [...first, ...more.filter((way) => way && !first.some(({ verb }) => verb === way.verb))]
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
  return html`<dl class="facts m-0">
    ${facts.map(([name, value]) => value && html`<div key=${name}><dt class="small fw-normal text-body-secondary">${name}</dt><dd class="m-0 wrap-anywhere">${value}</dd></div>`)}
  </dl>`
}

/** The lanes that the order has been in, from its own attributes and from the recorded events and calls. */
const wayOf = ({ timeline, attention, awb, wmsReference }, { vendors = {} }, { calls, events }) => {
  const made = [awb && { step: 'logistics' }, wmsReference && { step: 'wms' }]
  const steps = [...timeline, attention, ...made].map((each) => vendors[each?.step])
  const told = [...events.map(({ detail }) => detail.data.lane), ...calls.map(({ vendor }) => vendor)]
  const lanes = [...steps, ...told, ...timeline.map(({ from }) => from)]
  return { lanes, isDead: attention?.state === 'dead-lettered' }
}

const show = (orderId) =>
  control('POST', '/operator', { tool: 'order', args: ['show', orderId] }).then(({ order }) => order)

/** Everything about one order, updated live. On wide windows it leaves the faults panel accessible. */
export const OrderDialog = ({ orderId, written, now, topology, onStory, onClose }) => {
  const dialog = useRef()
  const order = useFresh(`/orders/${orderId}`, written)
  const story = useFresh(`/_local/orders/${orderId}/report`, order)
  const changes = `${order?.updatedAt} ${order?.attention?.state} ${Math.floor(now / adviceMs)}`
  const report = useFresh(order?.orderId, changes, show)
  const { said, tell, run } = useWork()
  const isConnected = useContext(Connected)
  useEffect(() => {
    const { current } = dialog
    const closeOnEscape = ({ key }) => key === 'Escape' && current.close()
    document.addEventListener('keydown', closeOnEscape)
    current.onclose = onClose
    if (matchMedia('(min-width: 1200px) and (min-height: 760px)').matches) current.show()
    else current.showModal()
    return () => {
      document.removeEventListener('keydown', closeOnEscape)
      current.onclose = undefined
      // Closing the dialog before it is removed returns the focus to the previous element.
      current.close()
    }
  }, [])
  useEffect(() => {
    if (order?.orderId && story?.events) onStory(wayOf(order, report ?? {}, story))
  }, [order, report, story])

  const vendors = report?.vendors
  const { tone, words } = order?.orderId ? standing({ ...order, vendors }) : { words: order?.error ?? '…' }
  const names = { id: orderId, reference: order?.reference, AWB: order?.awb }
  const copy = (text) => tell(navigator.clipboard.writeText(text), () => `Copied ${text}.`)
  const none = story?.mayBeForgotten ? 'No longer available.' : 'None.'
  return html`<dialog class="border-start border-top p-0 ${isConnected ? '' : 'stale'}" ref=${dialog} aria-labelledby="order-title"
    onClick=${({ target }) => target === dialog.current && dialog.current.close()}>
    <article class="vstack gap-2 p-3">
      <header class="d-flex justify-content-between align-items-start gap-3">
        <h2 class="h6 m-0 wrap-anywhere" id="order-title" tabindex="-1">Order ${orderId} <${Pill} tone=${tone} role="status">${words}<//></h2>
        <button class="btn-close" aria-label="Close" onClick=${() => dialog.current.close()}></button>
      </header>
      ${
        order?.orderId &&
        html`<${Facts} order=${order} />
          <div class="d-flex flex-wrap gap-2">
            ${Object.entries(names).map(([name, text]) => text && navigator.clipboard && html`<button class=${button} onClick=${() => copy(text)}>Copy the ${name}</button>`)}
          </div>
          <p class="m-0">${report?.summary}</p>
          <ul class="list-unstyled m-0 vstack gap-1">
            ${report?.advice && waysOn(order, report, topology.lanes).map((way) => html`<${Way} key=${way.text ?? way.words} ...${way} run=${run} />`)}
          </ul>
          <${Said} tone="danger">${order.error ?? story?.error ?? report?.error}<//>
          ${said}
          <h3 class="h6 mt-3">Timeline</h3>
          <${Timeline} timeline=${order.timeline} told=${report?.timeline} />`
      }
      ${
        order?.orderId &&
        story?.calls &&
        html`<h3 class="h6 mt-3">From the click to ready</h3>
          <${Waterfall} order=${order} story=${story} />
          <${Records} title="Requests to its vendors, and their responses" none=${none} records=${story.calls.map(callRecord)} />
          <${Records} title="Its events on the bus" none=${none} records=${story.events.map((event) => ({ at: event.time, words: event['detail-type'], body: event.detail }))} />
          <${Records} title="Log lines of the functions about it" none=${none} records=${story.logs.map(({ at, function: name, line }) => ({ at, words: `${name}: ${line.message}`, body: line }))} />`
      }
    </article>
  </dialog>`
}
