import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { route, sendDots } from './edges.js'
import { Bus, Click, Queue, Relay, Table, Vendor, Worker } from './pipeline-cards.js'
import { html, Panel, useNow } from './ui.js'

/** Which parts of the topology the picture shows, and which ways. */
const pictureOf = ({ nodes, edges, routes, lanes, tables }) => {
  const click = routes.find(({ method, path }) => method === 'POST' && !path.includes('{'))?.function
  const schedule = nodes.find(({ kind }) => kind === 'schedule')
  const relay = edges.find(({ kind }) => kind === 'start')?.to
  const orders = nodes.find(({ arn = '' }) => tables.orders && arn.endsWith(`/${tables.orders}`))?.id
  const bus = nodes.find(({ kind }) => kind === 'bus')?.id
  const rows = lanes.map((lane) => {
    const dead = edges.find(({ kind, from }) => kind === 'dead-letter' && from === lane.queue)?.to
    const undelivered = nodes.find(
      ({ kind, detail }) => kind === 'dead-letter-queue' && detail === lane.queue,
    )?.id
    const file = nodes.find(({ id }) => id === lane.worker)?.detail
    return { ...lane, file, dead, undelivered }
  })
  const shown = new Set(['api', click, relay, orders, bus])
  for (const { vendor, worker, queue, dead, undelivered } of rows)
    for (const id of [vendor, worker, queue, dead, undelivered]) shown.add(id)
  const workers = new Set(lanes.map(({ worker }) => worker))
  const isDrawn = ({ from, to, kind }) =>
    shown.has(from) &&
    shown.has(to) &&
    !(kind === 'write' && workers.has(from)) &&
    !(kind === 'dead-letter' && from === relay)
  const others = nodes.filter(({ id, kind }) => !shown.has(id) && (kind === 'function' || kind === 'table'))
  return { click, schedule, relay, orders, bus, rows, others, drawn: edges.filter(isDrawn) }
}

const boxesIn = (stage) => {
  const origin = stage.getBoundingClientRect()
  const boxes = {}
  for (const card of stage.querySelectorAll('[data-node]')) {
    const rect = card.getBoundingClientRect()
    const [left, top] = [rect.left - origin.left, rect.top - origin.top]
    const [right, bottom] = [left + rect.width, top + rect.height]
    boxes[card.dataset.node] = { left, top, right, bottom, cx: (left + right) / 2, cy: (top + bottom) / 2 }
  }
  return { boxes, width: origin.width, height: origin.height }
}

/** Measures the cards, and draws the wires between them; again when the page's width changes. */
const useWires = (stage, { drawn, rows }) => {
  const [wires, setWires] = useState({ paths: [], width: 0, height: 0 })
  useLayoutEffect(() => {
    const measure = () => {
      const { boxes, width, height } = boxesIn(stage.current)
      const lanes = { bottom: height - 6 }
      for (const { worker, dead, queue } of rows) lanes[worker] = (boxes[dead] ?? boxes[queue]).bottom + 12
      const paths = drawn.flatMap((edge) => {
        const d = route(edge, boxes, lanes)
        return d ? [{ ...edge, d }] : []
      })
      setWires({ paths, width, height })
    }
    const observer = new ResizeObserver(measure)
    observer.observe(stage.current)
    return () => observer.disconnect()
  }, [drawn])
  return wires
}

const Summary = ({ state }) => {
  const vendors = Object.entries(state.vendors)
  const sum = (of) => vendors.reduce((total, [, vendor]) => total + of(vendor), 0)
  const waiting = sum((vendor) => vendor.waiting)
  const { dead, placed } = state
  const figures = [
    ['Placed in the last minute', placed, ''],
    ['In progress', sum(({ unfinished }) => unfinished), ''],
    ['Waiting for a vendor', waiting, waiting ? 'warn' : ''],
    ['Dead-lettered', dead, dead ? 'bad' : ''],
  ]
  return html`<dl class="figures">
    ${figures.map(([name, value, tone]) => html`<div class=${tone}><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`
}

/** The deployed stacks as a picture, with orders moving through it as they do. */
export const Pipeline = ({ topology, state, moves, clicks }) => {
  const stage = useRef()
  const layer = useRef()
  const picture = useMemo(() => pictureOf(topology), [topology])
  const wires = useWires(stage, picture)
  const now = useNow(Object.values(state.vendors).some(({ circuit }) => circuit?.state === 'open'))

  useEffect(() => {
    for (const { id, d } of wires.paths) if (moves[id]) sendDots(layer.current, d, moves[id])
  }, [moves])

  const { click, schedule, relay, orders, bus, rows, others } = picture
  return html`<${Panel} id="pipeline" title="Pipeline" aside=${html`<${Summary} state=${state} />`}>
    <div class="stage" ref=${stage} style="--rows:${rows.length}">
      <svg class="wires" width=${wires.width} height=${wires.height} aria-hidden="true">
        ${wires.paths.map(({ id, d, kind }) => html`<path key=${id} class=${kind} d=${d} />`)}
      </svg>
      <${Click} topology=${topology} click=${click} state=${state} clicks=${clicks} />
      <${Table} id=${orders} vendors=${state.vendors} />
      <${Relay} id=${relay} schedule=${schedule} state=${state} />
      <${Bus} id=${bus} />
      ${rows.map(
        (row, index) => html`
          <${Queue} ...${row} row=${index + 1} queues=${state.queues} />
          <${Worker} id=${row.worker} file=${row.file} row=${index + 1} state=${state} vendor=${row.vendor} />
          <${Vendor} id=${row.vendor} row=${index + 1} vendor=${state.vendors[row.vendor]} now=${now} />
        `,
      )}
      <div class="dots" ref=${layer} aria-hidden="true"></div>
    </div>
    <p class="note">
      Drawn from the synthesized templates. Workers also write each step to the order table; not drawn:${' '}
      ${others.map(({ id }) => id).join(', ')}.
      <span class="legend"><i class="dot ok"></i> goes on <i class="dot bad"></i> fails</span>
    </p>
  <//>`
}
