import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { route } from './edges.js'
import { Api, Lambda, Node, Queue, Vendor } from './pipeline-cards.js'
import { counted, html, Panel, vendorName } from './ui.js'

/** Selects the nodes and edges of the topology that the picture shows. */
const pictureOf = ({ nodes, edges, routes, lanes, tables }) => {
  const route = routes.find(({ method, path }) => method === 'POST' && !path.includes('{'))
  const click = route?.function
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
  return { route, click, schedule, relay, orders, bus, rows, drawn: edges.filter(isDrawn) }
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

/** Measures the cards and computes the wires between them, again whenever the page's width changes. */
const useWires = (stage, { drawn, rows }) => {
  const [wires, setWires] = useState({ paths: [], width: 0, height: 0 })
  useLayoutEffect(() => {
    const measure = () => {
      const { boxes, width, height } = boxesIn(stage.current)
      const lanes = { bottom: height - 2 }
      for (const { worker, dead, queue } of rows) lanes[worker] = (boxes[dead] ?? boxes[queue]).bottom + 12
      const paths = drawn.flatMap((edge) => {
        const d = route(edge, boxes, lanes)
        return d ? [{ ...edge, d }] : []
      })
      setWires({ paths, width, height })
      const panel = stage.current.closest('section')
      document.documentElement.style.setProperty('--picture', `${panel.offsetHeight}px`)
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
    ['Placed in the last minute', placed],
    ['In progress', sum(({ unfinished }) => unfinished)],
    ['Waiting for a vendor', waiting, waiting && 'warning'],
    ['Dead-lettered', dead, dead && 'danger'],
  ]
  return html`<dl class="figures m-0">
    ${figures.map(
      ([name, value, tone]) => html`<div class="d-flex gap-1 align-items-baseline">
        <dt class="small fw-normal text-body-secondary">${name}</dt>
        <dd class="m-0 fw-bold fs-5 lh-1 ${tone ? `text-${tone}-emphasis` : ''}">${value}</dd>
      </div>`,
    )}
  </dl>`
}

/** Announces open circuits and dead letters to screen readers, but not every change of a count. */
const News = ({ state }) => {
  const isOpen = ([, { circuit }]) => circuit?.state === 'open' || circuit?.heldSince
  const stopped = Object.entries(state.vendors).filter(isOpen)
  return html`<p class="visually-hidden" role="status">
    ${stopped.map(([name]) => `${vendorName(name)}: no calls go through, orders wait. `)} ${counted(state.dead, 'dead letter')}.
  </p>`
}

/** The nodes that an order has passed: those of the click and of each lane that it was sent to. */
const wayOf = ({ click, orders, bus, rows }, { lanes = [], isDead } = {}) => {
  const taken = rows.filter(({ vendor }) => lanes.includes(vendor))
  const parts = taken.flatMap(({ queue, worker, vendor, dead }) => [queue, worker, vendor, isDead && dead])
  return new Set(lanes.length ? ['api', click, orders, bus, ...parts] : [])
}

/** A live diagram of the deployed stacks. It highlights the path of the order that is open. */
export const Pipeline = ({ topology, state, moves, clicks, now, followed }) => {
  const stage = useRef()
  const picture = useMemo(() => pictureOf(topology), [topology])
  const wires = useWires(stage, picture)
  const { route, click, schedule, relay, orders, bus, rows } = picture
  const way = wayOf(picture, followed)
  const toneOf = ({ id, from, to, kind }) => {
    if (moves[id]) return moves[id].bad ? 'bad' : 'ok'
    return way.has(from) && way.has(to) && kind !== 'send' ? 'way' : ''
  }
  return html`<${Panel} id="pipeline" title="Pipeline" aside=${html`<${Summary} state=${state} />`}>
    <div class="stage" ref=${stage} style="--rows:${rows.length}">
      <svg class="wires" width=${wires.width} height=${wires.height} aria-hidden="true">
        ${wires.paths.map(({ d, ...edge }) => html`<path key=${edge.id} class="${edge.kind} ${toneOf(edge)}" d=${d} />`)}
      </svg>
      <${Api} route=${route} clicks=${clicks} way=${way} />
      <${Lambda} id=${click} state=${state} place="click" way=${way} />
      <${Node} id=${orders} kind="table" title=${orders} place="table" way=${way} />
      <${Lambda} id=${relay} state=${state} place="relay" way=${way}>
        <span class="text-body-secondary">${schedule?.detail?.replace(/rate\(1 (\w+)\)/, 'every $1')}</span>
      <//>
      <${Node} id=${bus} kind="bus" title=${bus} place="bus" way=${way} />
      ${rows.map(
        ({ worker, file, vendor, ...row }, index) => html`
          <${Queue} ...${row} row=${index + 1} queues=${state.queues} way=${way} />
          <${Lambda} id=${worker} title=${file} label="${file} of ${vendor}" row=${index + 1} place="worker"
            state=${state} paused=${state.vendors[vendor]?.circuit?.state === 'open'} way=${way} />
          <${Vendor} id=${vendor} row=${index + 1} vendor=${state.vendors[vendor]} now=${now} way=${way} />
        `,
      )}
    </div>
    <${News} state=${state} />
    <p class="small text-body-secondary m-0">
      Drawn from the synthesized templates, without what workers write to the order table. A line turns blue when something
      passes, red when it fails.
    </p>
  <//>`
}
