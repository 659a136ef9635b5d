import { duration, html, vendorName } from './ui.js'

const isLookUp = ({ method, status }) => method === 'GET' && status === 404
/** Timeline entries after which an order is still dead-lettered. */
const notes = ['CORRECTED', 'PERSONAL_DATA_REDACTED']
const onItsWay = {
  REDRIVE_REQUESTED: 'redriven, on its way',
  REDRIVEN: 'redriven, on its way',
  REROUTED: 'rerouted, on its way',
}
/** A shorter gap counts as work between two calls, not as waiting. */
const workMs = 25

/** What the time between the click and now was spent on, ordered by start. */
export const spansOf = ({ timeline }, { click, calls, events }) => {
  const at = (time) => Date.parse(time)
  const spans = []
  if (click) spans.push({ name: 'POST /orders', from: click.at - click.ms, to: click.at, tone: 'primary' })
  const own = calls.map((call) => ({ ...call, from: at(call.at), to: at(call.at) + call.latencyMs }))
  for (const call of own) {
    const { from, to } = call
    const what = { GET: 'looked up', DELETE: 'asked to undo' }[call.method] ?? 'called'
    const [answer, tone] = isLookUp(call)
      ? ['not there', 'secondary']
      : [call.status ?? 'no answer', call.status < 400 && call.status ? 'success' : 'danger']
    spans.push({ name: `${vendorName(call.vendor)} ${what}: ${answer}`, from, to, tone })
  }
  timeline.forEach(({ at: time, type, step, attempt }, index) => {
    const later = timeline.slice(index + 1)
    const until = (entry) => (entry ? at(entry.at) : Date.now())
    /** Adds a span that ends with the next call or the next entry, whichever comes first. */
    const add = (name, tone, from = at(time)) => {
      const called = own.map((call) => call.from).filter((each) => each >= from)
      spans.push({ name, from, to: Math.min(...called, until(later[0])), tone })
    }
    if (type === 'ATTEMPT_FAILED') add(`pause after attempt ${attempt}`, 'warning')
    if (type in onItsWay) add(onItsWay[type], 'secondary')
    if (type === 'DEAD_LETTERED') {
      const end = later.find((entry) => !notes.includes(entry.type))
      spans.push({ name: 'dead-lettered', from: at(time), to: until(end), tone: 'danger' })
    }
    if (type !== 'WAITING') return
    const inVain = own.map(({ to }) => to).filter((to) => to > at(time) && to < until(later[0]) - workMs)
    for (const from of [at(time), ...inVain])
      add(`waiting for the ${vendorName(step).toLowerCase()}`, 'warning', from)
  })
  // An event that was sent several times counts once.
  const told = new Map(events.map(({ detail }) => [detail.metadata.eventId, detail]))
  for (const { metadata, data } of told.values()) {
    if (!data.lane) continue
    const from = at(metadata.occurredAt)
    const called = own.find((call) => call.vendor === data.lane && call.from >= from)?.from
    const until = timeline.map((entry) => at(entry.at)).find((time) => time > from)
    const to = Math.min(called ?? Infinity, until ?? Infinity, Date.now())
    spans.push({ name: `bus, queue of ${data.lane}`, from, to, tone: 'secondary' })
  }
  return spans.sort((a, b) => a.from - b.from || a.to - b.to)
}

/** A bar for each span: its start and duration. */
export const Waterfall = ({ order, story }) => {
  const spans = spansOf(order, story)
  if (spans.length === 0) return undefined
  const start = Math.min(Date.parse(order.createdAt), ...spans.map(({ from }) => from))
  const end = Math.max(Date.parse(order.timeline.at(-1).at), ...spans.map(({ to }) => to), start + 1)
  const share = (ms) => `${((ms / (end - start)) * 100).toFixed(2)}%`
  return html`
    <ol class="waterfall list-unstyled m-0">
      ${spans.map(
        ({ name, from, to, tone }, index) => html`<li key=${index}>
          <span class="text-truncate" title=${name}>${name}</span>
          <span class="track bg-body-tertiary" aria-hidden="true"><i class="bg-${tone}" style="left:${share(from - start)};width:${share(to - from)}"></i></span>
          <span class="text-end">${duration(Math.max(0, to - from))}</span>
        </li>`,
      )}
    </ol>
    <p class="small text-body-secondary m-0">${duration(end - start)} ${story.click ? 'in total' : 'since it was created'}.</p>
  `
}
