import type { Activity, ActivityEvent } from '../activity.ts'
import { nameOf } from '../services/aws-service.ts'
import type { VendorCall, VendorSimulator } from '../vendor-simulator.ts'
import type { Topology } from './topology.ts'

/** What went from one part to another, and what of it failed; an operator's doings, too, whom no edge joins. */
export type Moves = Record<string, { ok: number; bad: number }>

/** Why a function fails: the latest reason, and how often it failed within the last seconds. */
export interface Trouble {
  reason: string
  count: number
}

/** A function that has not failed for this long is well again. */
const troubleMs = 6_000

const writes = new Set(['PutItem', 'UpdateItem', 'TransactWriteItems'])

/** Answers by which a vendor refuses one order or slows us down: its worker is well. */
const refusals = new Set([400, 409, 422, 429])

/** Whether a call failed, and how that reads where it means trouble for every order. */
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
    // What has an id in its path goes to functions that are not drawn.
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
    /** What has moved since it was last asked. */
    take: () => {
      const taken = moves
      moves = {}
      return taken
    },
    /** Each function: how many invocations run, and its trouble if it is in any. */
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
