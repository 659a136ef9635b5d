import { faultsIn } from './faults.js'
import { counted, duration, html, vendorName } from './ui.js'

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

const Card = ({ id, kind, title, tone = '', place = '', row, children, label }) => html`
  <div class="card ${kind} ${tone} ${place}" data-node=${id} style=${row && `--row:${row}`} role="group" aria-label=${label ?? title}>
    <span class="kind">${kind.replaceAll('-', ' ')}</span>
    <strong>${title}</strong>
    ${children}
  </div>
`

const functionState = (own) => {
  if (!own) return html`<span class="state">unknown</span>`
  const { running, trouble } = own
  return trouble
    ? html`<span class="state bad">failing: ${trouble.reason}${trouble.count > 1 ? ` ×${trouble.count}` : ''}</span>`
    : html`<span class="state ${running ? 'ok' : ''}">${running ? `${running} running` : 'idle'}</span>`
}

/** The API and the one function behind the click. */
export const Click = ({ topology, click, state, clicks }) => {
  const route = topology.routes.find((each) => each.function === click)
  const typical = median(
    clicks
      .filter(({ failed }) => !failed)
      .slice(-50)
      .map(({ ms }) => ms),
  )
  const trouble = state.functions[click]?.trouble
  return html`
    <${Card} id="api" kind="api" title="HTTP API" place="at-api">
      <span class="state">${route?.method} ${route?.path}</span>
      <span class="state">${typical === undefined ? 'no click yet' : `typically ${duration(typical)}`}</span>
    <//>
    <${Card} id=${click} kind="function" title=${click} tone=${trouble ? 'bad' : ''} place="at-click">
      ${functionState(state.functions[click])}
    <//>
  `
}

/** Where orders are. */
export const Table = ({ id, vendors }) => {
  const unfinished = Object.values(vendors).reduce((sum, vendor) => sum + vendor.unfinished, 0)
  return html`<${Card} id=${id} kind="table" title=${id} place="at-table">
    <span class="state">${counted(unfinished, 'order')} in progress</span>
  <//>`
}

/** Who looks after every unfinished order. */
export const Relay = ({ id, schedule, state }) => {
  const rate = schedule?.detail?.replace(/rate\(1 (\w+)\)/, 'every $1')
  const trouble = state.functions[id]?.trouble
  return html`<${Card} id=${id} kind="function" title=${id} tone=${trouble ? 'bad' : ''} place="at-relay">
    <span class="state">${rate}</span>
    ${functionState(state.functions[id])}
  <//>`
}

/** The event bus, as high as all that it feeds. */
export const Bus = ({ id }) => html`<${Card} id=${id} kind="bus" title=${id} place="at-bus" />`

const Count = ({ name, value }) => html`<span class=${value ? 'some' : ''}><b>${value}</b> ${name}</span>`

const Dead = ({ id, title, queues }) => {
  const { visible = 0, inFlight = 0 } = queues[id] ?? {}
  const count = visible + inFlight
  return html`<a class="card chip ${count ? 'bad' : ''}" href="#dead-letters" data-node=${id}>
    <b>${count}</b> ${title}<span class="visually-hidden"> of ${id.split('/')[0]}</span>
  </a>`
}

/** A queue with its dead-letter queues beneath it. */
export const Queue = ({ queue, dead, undelivered, queues, row }) => {
  const { visible = 0, inFlight = 0, delayed = 0 } = queues[queue] ?? {}
  const label = `Queue ${queue}: ${visible} waiting, ${inFlight} in flight, ${delayed} delayed`
  return html`<div class="queue-cell" style="--row:${row}">
    <${Card} id=${queue} kind="queue" title=${queue.split('/')[0]} label=${label}>
      <span class="counts">
        <${Count} name="waiting" value=${visible} />
        <${Count} name="in flight" value=${inFlight} />
        <${Count} name="delayed" value=${delayed} />
      </span>
    <//>
    <div class="chips">
      ${undelivered && html`<${Dead} id=${undelivered} title="undelivered" queues=${queues} />`}
      ${dead && html`<${Dead} id=${dead} title="dead" queues=${queues} />`}
    </div>
  </div>`
}

/** A worker: red while it fails. */
export const Worker = ({ id, file, row, state, vendor }) => {
  const own = state.functions[id]
  const isPaused = !own?.trouble && state.vendors[vendor]?.circuit?.state === 'open'
  return html`<${Card} id=${id} kind="function" title=${file} tone=${own?.trouble ? 'bad' : ''}
    place="at-worker" row=${row} label="${file} of ${vendor}">
    ${isPaused ? html`<span class="state warn">paused: circuit open</span>` : functionState(own)}
  <//>`
}

/** Whether calls go through to the vendor, since when not, and who waits. */
export const Vendor = ({ id, row, vendor, now }) => {
  const { circuit = { state: 'closed' }, faults, waiting } = vendor
  const isHeld = circuit.heldSince !== undefined
  const isOpen = circuit.state === 'open' || isHeld
  const since = isHeld ? circuit.heldSince : circuit.since
  const words = faults ? faultsIn(faults) : []
  const nextMs = (circuit.until ?? 0) - now
  return html`<${Card} id=${id} kind="vendor" title=${vendorName(id)} tone=${isOpen ? 'bad' : ''}
    place="at-vendor" row=${row}>
    <span class="state ${isOpen ? 'bad' : circuit.state === 'closed' ? 'ok' : ''}">
      ${isHeld ? 'paused by an operator' : `circuit ${circuit.state}`}${isOpen && `, ${duration(Math.max(0, now - since))}`}
    </span>
    ${
      isOpen &&
      !isHeld &&
      html`<span class="state">${circuit.reason}</span>
        <span class="state">${nextMs > 0 ? `next probe in ${duration(nextMs)}` : 'next probe is due'}</span>`
    }
    ${waiting > 0 && html`<span class="state warn">${counted(waiting, 'order')} waiting</span>`}
    ${words.length > 0 && html`<span class="faults">fault: ${words.join(' · ')}</span>`}
  <//>`
}
