import { useMemo } from 'preact/hooks'
import { html, Panel, vendorName } from './ui.js'

/** Longer than the interval between updates, so an empty bin means that the connection was lost. */
const binMs = 3000
const binCount = 100

/** Adds an update to each lane's history of five minutes. Calls are summed in a bin; other values are the latest. */
export const recorded = (history, { now, state, moves }, { lanes }) => {
  const at = Math.floor(now / binMs)
  const last = history.at(-1)
  const bin = { at }
  for (const { vendor, queue, worker } of lanes) {
    const { ok = 0, bad = 0 } = moves[`${worker}>${vendor}`] ?? {}
    const { visible, delayed } = state.queues[queue]
    const { waiting, done } = state.vendors[vendor]
    const calls = (last?.at === at ? last[vendor].calls : 0) + ok + bad
    bin[vendor] = { queued: visible + delayed, waiting, calls, done }
  }
  return [...history.filter((each) => each.at > at - binCount && each.at < at), bin]
}

/** A lane's last five minutes, one value per bin; undefined for a bin without an update. */
export const seriesOf = (history, vendor, now) => {
  const end = Math.floor(now / binMs)
  const byTime = new Map(history.map((bin) => [bin.at, bin[vendor]]))
  const perSecond = (count) => (Math.max(0, count) * 1000) / binMs
  return Array.from({ length: binCount }, (_, i) => {
    const at = end - binCount + 1 + i
    const [before, bin] = [byTime.get(at - 1), byTime.get(at)]
    const done = before && bin && perSecond(bin.done - before.done)
    return { ...bin, calls: bin && perSecond(bin.calls), done }
  })
}

const rounded = (value) => (value === undefined ? 'unknown' : Math.round(value * 10) / 10)

const Chart = ({ title, lines, limit = 0 }) => {
  const most = Math.max(4, limit, ...lines.flatMap(({ values }) => values.filter(Boolean)))
  const y = (value) => 40 - (value / most) * 38
  const point = (value, x, values) =>
    value === undefined ? '' : `${values[x - 1] === undefined ? 'M' : 'L'}${x} ${y(value)}`
  const words = lines.map(({ name, values }) => `${name} ${rounded(values.at(-1))}`)
  return html`<figure class="col-sm-6 m-0">
    <figcaption class="small d-flex flex-wrap column-gap-2">
      ${title}: ${lines.map(({ tone }, i) => html`<span class="text-${tone}-emphasis"><i class="dot bg-${tone}"></i> ${words[i]}</span>`)}
      <span class="text-body-secondary">${[limit > 0 && `limit ${limit}`, most !== limit && `max ${rounded(most)}`].filter(Boolean).join(', ')}</span>
    </figcaption>
    <svg class="chart" viewBox="0 0 ${binCount - 1} 41" preserveAspectRatio="none" role="img" aria-label="${title} over five minutes: ${words.join(', ')} now">
      ${limit > 0 && html`<path class="text-secondary" stroke-dasharray="4" d="M0 ${y(limit)}H${binCount}" />`}
      ${lines.map(({ tone, values }) => html`<path class="text-${tone}" d=${values.map(point).join('')} />`)}
    </svg>
  </figure>`
}

const laneOf =
  (history, end) =>
  ({ vendor, ratePerSecond }) => {
    const series = seriesOf(history, vendor, end)
    const of = (name, key, tone) => ({ name, tone, values: series.map((bin) => bin[key]) })
    return html`<h3 class="h6 fw-normal m-0 mt-1">${vendorName(vendor)}</h3>
    <div class="row">
      <${Chart} title="Orders" lines=${[of('in the queue', 'queued', 'primary'), of('waiting', 'waiting', 'warning')]} />
      <${Chart} title="Per second" limit=${ratePerSecond} lines=${[of('calls', 'calls', 'danger'), of('steps done', 'done', 'success')]} />
    </div>`
  }

/** The backlog and throughput of each vendor, up to the last complete bin. */
export const OverTime = ({ history, topology, now }) => {
  const end = Math.floor(now / binMs) * binMs - 1
  const lanes = useMemo(() => topology.lanes.map(laneOf(history, end)), [end])
  return html`<${Panel} id="over-time" title="The last five minutes">${lanes}<//>`
}
