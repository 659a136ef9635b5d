import { useMemo } from 'preact/hooks'
import { html, Panel, vendorName } from './ui.js'

const binMs = 2000
const binCount = 150

const none = { queued: 0, waiting: 0, calls: 0, good: 0 }

/** What an update adds to the last five minutes of each lane: queue and waiting as they are, calls to the vendor added up. */
export const recorded = (history, { now, state, moves }, { lanes }) => {
  const at = Math.floor(now / binMs)
  const last = history.at(-1)
  const bin = { at }
  for (const { vendor, queue, worker } of lanes) {
    const { calls, good } = last?.at === at ? last[vendor] : none
    const { ok = 0, bad = 0 } = moves[`${worker}>${vendor}`] ?? {}
    const { visible, delayed } = state.queues[queue]
    bin[vendor] = {
      queued: visible + delayed,
      waiting: state.vendors[vendor].waiting,
      calls: calls + ok + bad,
      good: good + ok,
    }
  }
  return [...history.filter((each) => each.at > at - binCount && each.at < at), bin]
}

/** A lane's five minutes until now, a value for each two seconds. Where nothing was told nothing changed. */
export const seriesOf = (history, vendor, now) => {
  const end = Math.floor(now / binMs)
  const byTime = new Map(history.map((bin) => [bin.at, bin[vendor]]))
  let last = none
  return Array.from({ length: binCount }, (_, i) => {
    const told = byTime.get(end - binCount + 1 + i)
    last = told ?? { ...last, calls: 0, good: 0 }
    return { ...last, calls: (last.calls * 1000) / binMs, good: (last.good * 1000) / binMs }
  })
}

const Chart = ({ title, lines, limit = 0 }) => {
  const most = Math.max(4, limit, ...lines.flatMap(({ values }) => values))
  const y = (value) => 40 - (value / most) * 38
  const line = (values) => `M${values.map((value, x) => `${x} ${y(value)}`).join('L')}`
  const words = lines.map(({ name, values }) => `${name} ${Math.round(values.at(-1) * 10) / 10}`)
  return html`<figure class="col-sm-6 m-0">
    <figcaption class="small d-flex flex-wrap column-gap-2">
      ${title}: ${lines.map(({ tone }, i) => html`<span class="text-${tone}-emphasis"><i class="dot bg-${tone}"></i> ${words[i]}</span>`)}
      ${limit > 0 && html`<span class="text-body-secondary">limit ${limit}</span>`}
    </figcaption>
    <svg class="chart" viewBox="0 0 ${binCount - 1} 41" preserveAspectRatio="none" role="img" aria-label="${title} over five minutes: ${words.join(', ')} now">
      ${limit > 0 && html`<path class="text-secondary" stroke-dasharray="4" d="M0 ${y(limit)}H${binCount}" />`}
      ${lines.map(({ tone, values }) => html`<path class="text-${tone}" d=${line(values)} />`)}
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
      <${Chart} title="Calls a second" limit=${ratePerSecond} lines=${[of('all', 'calls', 'danger'), of('done', 'good', 'success')]} />
    </div>`
  }

/** What lies before each vendor, and what it gets done of what it may be asked, until two seconds ago at most. */
export const OverTime = ({ history, topology, now }) => {
  const end = Math.floor(now / binMs) * binMs - 1
  const lanes = useMemo(() => topology.lanes.map(laneOf(history, end)), [end])
  return html`<${Panel} id="over-time" title="The last five minutes">${lanes}<//>`
}
