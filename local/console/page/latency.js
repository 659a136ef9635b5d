import { useEffect, useMemo, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { duration, html, Panel } from './ui.js'

/** Five bars for each tenfold, from 1 ms to 10 s. */
const perDecade = 5
const decades = 4
const buckets = Array.from({ length: perDecade * decades + 1 }, (_, index) => index)
const bucketOf = (ms) =>
  Math.max(0, Math.min(buckets.length - 1, Math.floor(Math.log10(Math.max(ms, 1)) * perDecade)))

const histogram = (values) => {
  const counts = buckets.map(() => 0)
  for (const value of values) counts[bucketOf(value)] += 1
  return counts
}

const quantile = (values, q) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))]

const drawingOf = (width) => {
  const bars = (align) => uPlot.paths.bars({ size: [0.42, 40], align, radius: 0.15 })
  const probe = document.createElement('i')
  document.body.append(probe)
  const resolved = (name) => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const [text, line, accent, warn] = ['--muted', '--line', '--accent', '--warn'].map(resolved)
  probe.remove()
  const axis = {
    stroke: text,
    font: '12px system-ui',
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
  }
  const labels = ['1 ms', '10 ms', '100 ms', '1 s', '10 s']
  return {
    width,
    height: 170,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-0.6, buckets.length - 0.4] },
      y: { range: (_u, _min, max) => [0, Math.max(4, max)] },
    },
    axes: [
      {
        ...axis,
        size: 30,
        grid: { show: false },
        splits: () => labels.map((_, i) => i * perDecade),
        values: () => labels,
      },
      { ...axis, size: 34, values: (_u, splits) => splits.map((n) => (Number.isInteger(n) ? n : '')) },
    ],
    series: [
      {},
      { fill: accent, stroke: accent, width: 0, paths: bars(-1), points: { show: false } },
      { fill: warn, stroke: warn, width: 0, paths: bars(1), points: { show: false } },
    ],
  }
}

const Chart = ({ data, label }) => {
  const host = useRef()
  const chart = useRef()
  useEffect(() => {
    const draw = () => {
      chart.current?.destroy()
      chart.current = new uPlot(drawingOf(host.current.clientWidth), latest.current, host.current)
    }
    const observer = new ResizeObserver(draw)
    observer.observe(host.current)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', draw)
    return () => {
      observer.disconnect()
      scheme.removeEventListener('change', draw)
      chart.current?.destroy()
    }
  }, [])
  const latest = useRef(data)
  latest.current = data
  useEffect(() => chart.current?.setData(data), [data])
  return html`<div class="chart" ref=${host} role="img" aria-label=${label}></div>`
}

/** What the click costs, beside what it would cost if it waited for the vendors as they are now. */
export const Latency = ({ clicks }) => {
  const recent = clicks.slice(-200)
  const count = recent.length
  const [own, synchronous] = [recent.map(({ ms }) => ms), recent.map(({ synchronousMs }) => synchronousMs)]
  const failed = recent.filter(({ wouldFail }) => wouldFail).length
  const data = useMemo(() => [buckets, histogram(own), histogram(synchronous)], [clicks])
  const row = (name, values, tone, failures) => html`<tr>
    <th scope="row"><i class="swatch ${tone}"></i>${name}</th>
    <td class="number">${duration(quantile(values, 0.5))}</td>
    <td class="number">${duration(quantile(values, 0.99))}</td>
    <td class="number">${failures}</td>
  </tr>`
  return html`<${Panel} id="latency" title="What a click costs">
    ${
      count === 0
        ? html`<p class="empty">No click yet.</p>`
        : html`<table class="quantiles">
            <thead><tr><th>Last ${count} clicks</th><th class="number">median</th><th class="number">p99</th><th class="number">failed</th></tr></thead>
            <tbody>
              ${row('As it is', own, 'accent', 0)}
              ${row('Had it waited for both vendors', synchronous, 'warn', failed)}
            </tbody>
          </table>`
    }
    <${Chart} data=${data} label="Histogram of click latency, one to ten thousand milliseconds, as it is and had it waited for both vendors" />
  <//>`
}
