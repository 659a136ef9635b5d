import type { Activity, ActivityEvent } from '../activity.ts'
import { nameOf } from '../services/aws-service.ts'
import type { VendorCall, VendorSimulator } from '../vendor-simulator.ts'
import type { Topology } from './topology.ts'

/** Successful and failed moves per edge, including an operator's calls, for which the topology has no edge. */
export type Moves = Record<string, { ok: number; bad: number }>

/** A failing function's latest reason, and its number of failures within `troubleMs`. */
export interface Trouble {
  reason: string
  count: number
}

/** A function that has not failed for this long counts as healthy again. */
const troubleMs = 6_000

const writes = new Set(['PutItem', 'UpdateItem', 'TransactWriteItems'])

/** Statuses by which a vendor rejects a single order or throttles us; the worker itself is healthy. */
const refusals = new Set([400, 409, 422, 429])

/** Whether a call failed, and a description if the failure affects every order. */
const outcomeOf = ({ method, status }: VendorCall): { bad: boolean; trouble?: string } => {
  if (status === null) return { bad: true, trouble: 'no answer' }
  if (status < 400 || (status === 404 && method !== 'POST')) return { bad: false }
  return refusals.has(status) ? { bad: true } : { bad: true, trouble: `HTTP ${status}` }
}

export const createTraffic = (deps: {
  activity: Activity
  vendors: Record<string, VendorSimulator>
  topology: Topology
}) => {
  const { activity, vendors, topology } = deps
  const idByName = new Map(topology.nodes.map(({ id, arn }) => [nameOf(arn ?? id), id]))
  const idOf = (arnOrName: string) => idByName.get(nameOf(arnOrName.replace(/\/index\/.*/, ''))) ?? arnOrName
  const starters = new Map(
    topology.edges
      .filter(({ kind }) => kind === 'consume' || kind === 'start')
      .map(({ from, to }) => [to, from]),
  )
  const running = new Map<string, string>()
  let moves: Moves = {}
  let failures: { function: string; reason: string; at: number }[] = []

  const move = (from: string, to: string, { bad = false, count = 1 } = {}) => {
    const id = `${from}>${to}`
    const { ok, bad: failed } = moves[id] ?? { ok: 0, bad: 0 }
    moves[id] = bad ? { ok, bad: failed + count } : { ok: ok + count, bad: failed }
  }
  const deliver = (target: string, bad: boolean) => {
    const edge = topology.edges.find(({ kind, to }) => kind === 'rule' && to === idOf(target))
    if (edge) move(edge.from, edge.to, { bad })
  }
  const recentFailures = () => failures.filter(({ at }) => Date.now() - at < troubleMs)
  const fail = (id: string, reason: string) => {
    failures = [...recentFailures(), { function: id, reason, at: Date.now() }]
  }

  const follow: { [T in ActivityEvent['type']]?: (event: Extract<ActivityEvent, { type: T }>) => void } = {
    // Routes with an id in the path never match here: their functions are not drawn.
    'api-request': ({ method, path, status }) => {
      const found = topology.routes.find((each) => each.method === method && each.path === path)
      if (found) move('api', found.function, { bad: status >= 500 })
    },
    'aws-call': ({ caller, action, resources, count }) => {
      const isWrite = writes.has(action)
      if (!isWrite && action !== 'PutEvents' && !action.startsWith('SendMessage')) return
      for (const resource of resources) {
        const to = idOf(resource)
        move(idOf(caller), to, {
          count,
          bad: topology.nodes.some((n) => n.id === to && n.kind === 'dead-letter-queue'),
        })
      }
    },
    'invoke-start': ({ arn, requestId }) => {
      const id = idOf(arn)
      running.set(requestId, id)
      move(starters.get(id) ?? '', id)
    },
    'invoke-end': ({ arn, requestId, error }) => {
      running.delete(requestId)
      if (error) fail(idOf(arn), error)
    },
    'event-matched': ({ target }) => deliver(target, false),
    'event-dropped': ({ target }) => deliver(target, true),
    'message-moved': ({ from, to }) => move(idOf(from), idOf(to), { bad: true }),
  }
  const onCall = (call: VendorCall) => {
    const worker = topology.lanes.find(({ vendor }) => vendor === call.vendor)?.worker ?? ''
    const { bad, trouble } = outcomeOf(call)
    move(worker, call.vendor, { bad })
    if (trouble) fail(worker, trouble)
  }

  activity.on('activity', (event) => follow[event.type]?.(event as never))
  for (const vendor of Object.values(vendors)) vendor.activity.on('call', onCall)

  return {
    /** The moves since the last call. */
    take: () => {
      const taken = moves
      moves = {}
      return taken
    },
    /** The running invocations of each function, and its trouble if it is failing. */
    functions: (): Record<string, { running: number; trouble?: Trouble }> => {
      const recent = recentFailures()
      const ids = topology.nodes.filter(({ kind }) => kind === 'function').map(({ id }) => id)
      return Object.fromEntries(
        ids.map((id) => {
          const own = recent.filter((failure) => failure.function === id)
          const reason = own.at(-1)?.reason
          const count = [...running.values()].filter((each) => each === id).length
          return [id, { running: count, ...(reason && { trouble: { reason, count: own.length } }) }]
        }),
      )
    },
  }
}
