import { duration, html, vendorName } from './ui.js'

const isLookUp = ({ method, status }) => method === 'GET' && status === 404

/** What took how long between the click and now, in the order in which it began. */
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
  const ends = ['REDRIVE_REQUESTED', 'REDRIVEN', 'SETTLED', 'CANCELLING', 'CANCELLED']
  timeline.forEach((entry, index) => {
    const from = at(entry.at)
    const later = timeline.slice(index + 1)
    const until = later[0] && at(later[0].at)
    if (entry.type === 'ATTEMPT_FAILED' || entry.type === 'WAITING') {
      const planned = entry.nextAttemptAt ? at(entry.nextAttemptAt) : Date.now()
      const name =
        entry.type === 'WAITING'
          ? `waiting for the ${vendorName(entry.step).toLowerCase()}`
          : `pause after attempt ${entry.attempt}`
      spans.push({ name, from, to: until ?? Math.max(planned, from), tone: 'warning' })
    } else if (entry.type === 'DEAD_LETTERED') {
      const end = later.find(({ type }) => ends.includes(type))
      spans.push({ name: 'dead-lettered', from, to: end ? at(end.at) : Date.now(), tone: 'danger' })
    } else if (entry.type.startsWith('REDRIVE')) {
      const called = own.map((call) => call.from).filter((time) => time >= from)
      spans.push({
        name: 'redriven, on its way',
        from,
        to: Math.min(...called, until ?? Date.now()),
        tone: 'secondary',
      })
    }
  })
  // However often an event was sent, it told one thing once.
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

/** A bar for each span: when it began, and how long it took. */
export const Waterfall = ({ order, story }) => {
  const spans = spansOf(order, story)
  if (spans.length === 0) return undefined
  const start = Math.min(...spans.map(({ from }) => from))
  const end = Math.max(...spans.map(({ to }) => to), start + 1)
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
    <p class="small text-body-secondary m-0">${duration(end - start)} in all.</p>
  `
}
