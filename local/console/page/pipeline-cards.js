import { faultsIn } from './faults.js'
import { costsOf } from './latency.js'
import { breakable, counted, duration, html, vendorName } from './ui.js'

const colours = {
  api: 'pink',
  function: 'orange',
  table: 'indigo',
  bus: 'pink',
  queue: 'teal',
  vendor: 'gray',
}

/** A card of the picture. */
export const Node = ({ id, kind, title, way, tone, place, row = 1, children, label = title }) => html`
  <div class="node at-${place} ${way.has(id) ? 'way' : ''} ${tone ? `bg-${tone}-subtle border-${tone}` : ''}" data-node=${id}
    style="--row:${row};--kind:var(--bs-${colours[kind]})" role="group" aria-label=${label}>
    <span class="text-body-secondary">${kind}</span>
    <strong class="fs-6 lh-sm">${breakable(title)}</strong>
    ${children}
  </div>
`

const Line = ({ tone, children }) =>
  html`<span class=${tone ? `text-${tone}-emphasis` : 'text-body-secondary'}>${children}</span>`

/** A function's card, red while it is failing. */
export const Lambda = ({ id, title = id, state, children, paused, ...rest }) => {
  const { running, trouble } = state.functions[id] ?? {}
  const times = trouble?.count > 1 ? ` ×${trouble.count}` : ''
  return html`<${Node} id=${id} kind="function" title=${title} tone=${trouble && 'danger'} ...${rest}>
    ${children}
    ${
      trouble
        ? html`<${Line} tone="danger">failing: ${trouble.reason}${times}<//>`
        : paused
          ? html`<${Line} tone="warning">paused: circuit open<//>`
          : html`<${Line} tone=${running && 'success'}>${{ undefined: 'unknown', 0: 'idle' }[running] ?? `${running} running`}<//>`
    }
  <//>`
}

/** The API's card with its median latency. */
export const Api = ({ route, clicks, way }) => {
  const { median: typical } = costsOf(clicks).own
  return html`<${Node} id="api" kind="api" title="HTTP API" place="api" way=${way}>
    <${Line}>${route?.method} ${route?.path}<//>
    <${Line}>${typical === undefined ? 'no click yet' : `typically ${duration(typical)}`}<//>
  <//>`
}

const Dead = ({ id, title, queues }) => {
  const { dead: count = 0 } = queues[id] ?? {}
  return html`<a class="text-decoration-none ${count ? 'fw-bold text-danger-emphasis' : 'text-body-secondary'}" href="#dead-letters" data-node=${id}>
    ${count} ${title}<span class="visually-hidden"> of ${id.split('/')[0]}</span>
  </a>`
}

/** A queue's card with its dead-letter queues. */
export const Queue = ({ queue, dead, undelivered, queues, row, way }) => {
  const { visible = 0, inFlight = 0, delayed = 0 } = queues[queue] ?? {}
  const label = `Queue ${queue}: ${visible} waiting, ${inFlight} in flight, ${delayed} delayed`
  return html`<${Node} id=${queue} kind="queue" title=${queue.split('/')[0]} label=${label} row=${row} place="queue" way=${way}>
    <span><b>${visible}</b> waiting · <b>${inFlight}</b> in flight · <b>${delayed}</b> delayed</span>
    <span class="d-flex flex-wrap column-gap-2">
      ${dead && html`<${Dead} id=${dead} title="dead" queues=${queues} />`}
      ${undelivered && html`<${Dead} id=${undelivered} title="undelivered" queues=${queues} />`}
    </span>
  <//>`
}

/** A vendor's card: its circuit's state and since when, its faults, and how many orders wait for it. */
export const Vendor = ({ id, row, vendor, now, way }) => {
  const { circuit = { state: 'closed' }, faults, waiting } = vendor
  const isHeld = circuit.heldSince !== undefined
  const isOpen = circuit.state === 'open' || isHeld
  const since = isHeld ? circuit.heldSince : circuit.since
  const words = faults ? faultsIn(faults) : []
  const nextMs = (circuit.until ?? 0) - now
  const tone = isOpen ? 'danger' : circuit.state === 'closed' && 'success'
  return html`<${Node} id=${id} kind="vendor" title=${vendorName(id)} tone=${isOpen && tone} row=${row} place="vendor" way=${way}>
    <${Line} tone=${tone}>
      ${isHeld ? 'paused by an operator' : `circuit ${circuit.state}`}${isOpen && `, ${duration(Math.max(0, now - since))}`}
    <//>
    ${
      isOpen &&
      !isHeld &&
      html`<${Line}>${circuit.reason}<//>
        <${Line}>${nextMs > 0 ? `next probe in ${duration(nextMs)}` : 'next probe is due'}<//>`
    }
    ${waiting > 0 && html`<${Line} tone="warning">${counted(waiting, 'order')} waiting<//>`}
    ${words.length > 0 && html`<${Line} tone="warning">fault: ${words.join(' · ')}<//>`}
  <//>`
}
