import { useMemo } from 'preact/hooks'
import { counted, duration, html, Panel } from './ui.js'

/** Histogram bars per factor of ten, from 1 ms to 10 s. */
const perDecade = 5
const decades = ['1 ms', '10 ms', '100 ms', '1 s', '10 s']
const bucketCount = perDecade * (decades.length - 1) + 1
const bucketOf = (ms) => Math.min(bucketCount - 1, Math.floor(Math.log10(Math.max(ms, 1)) * perDecade))

const histogram = (values) => {
  const counts = Array(bucketCount).fill(0)
  for (const value of values) counts[bucketOf(value)] += 1
  return counts
}

const quantile = (values, q) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))]

/** The latencies of successful clicks, and the number of failed ones. */
const figures = (clicks, ms, failed) => {
  const times = clicks.filter((click) => !click[failed]).map((click) => click[ms])
  return {
    counts: histogram(times),
    median: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    failed: clicks.length - times.length,
  }
}

/** The latencies of the last 200 clicks: measured, and as if they had called the vendors inline. */
export const costsOf = (clicks) => {
  const latest = clicks.slice(-200)
  return {
    count: latest.length,
    own: figures(latest, 'ms', 'failed'),
    synchronous: figures(latest, 'synchronousMs', 'wouldFail'),
  }
}

const Row = ({ name, tone, median, p99, failed }) => html`<tr>
  <th scope="row" class="fw-normal"><i class="dot bg-${tone}"></i> ${name}</th>
  <td class="text-end text-nowrap">${median === undefined ? '–' : duration(median)}</td>
  <td class="text-end text-nowrap">${p99 === undefined ? '–' : duration(p99)}</td>
  <td class="text-end text-nowrap">${failed}</td>
</tr>`

const Histogram = ({ own, synchronous }) => {
  const most = Math.max(4, ...own.counts, ...synchronous.counts)
  const bar = (count, tone) => html`<i class="bg-${tone}" style="height:${(count / most) * 100}%"></i>`
  return html`<div class="bars border-bottom" role="img" aria-label="Histogram of click latency, one to ten thousand milliseconds, measured, and if it waited for both vendors">
      ${own.counts.map((count, i) => html`<span>${bar(count, 'primary')}${bar(synchronous.counts[i], 'warning')}</span>`)}
    </div>
    <div class="d-flex justify-content-between small text-body-secondary" aria-hidden="true">
      ${decades.map((label) => html`<span>${label}</span>`)}
    </div>`
}

/** Compares the clicks' latency with what it would be if they waited for the vendors under their current faults. */
export const Latency = ({ clicks }) => {
  const { count, own, synchronous } = useMemo(() => costsOf(clicks), [clicks])
  return html`<${Panel} id="latency" title="What a click costs">
    ${
      count === 0
        ? html`<p>No click yet.</p>`
        : html`<table class="table table-sm">
            <thead><tr><th>Last ${counted(count, 'click')}</th><th class="text-end">median</th><th class="text-end">p99</th><th class="text-end">failed</th></tr></thead>
            <tbody>
              <${Row} name="Measured" tone="primary" ...${own} />
              <${Row} name="If it waited for both vendors" tone="warning" ...${synchronous} />
            </tbody>
          </table>
          <p class="small text-body-secondary m-0">Vendors' response times count in full here; elsewhere they are divided by the speed.</p>`
    }
    <${Histogram} own=${own} synchronous=${synchronous} />
  <//>`
}
