import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { Reason } from '../domain/reasons.ts'
import { type Circuit, createCircuitReader, parseCircuit } from './circuit.ts'

/** When a vendor's circuit opens and for how long. All in milliseconds. */
export interface CircuitPolicy {
  /** This many failures in a row open it, of at least three orders, or where no other order was served meanwhile. */
  failureThreshold: number
  openMs: number
  /** An open circuit doubles its time with every failed probe, up to this. */
  maxOpenMs: number
  /** How long an instance believes what it read. */
  cacheMs: number
  /** How long a probe may take before its turn goes to another. */
  probeMs: number
}

/** Whether a vendor may be called now. */
export type Admission =
  | { admitted: true; probe?: string | undefined }
  | { admitted: false; until: number; reason: Reason }

/** A call to the vendor that is over. `probe` is its name, where it was the circuit's probe; `now` in epoch ms. */
export interface CircuitCall {
  orderId: string
  reason: Reason
  now: number
  probe: string | undefined
}

const noProbe = 'REMOVE probeId, probeUntil'
const close =
  'SET #state = :closed, failures = :zero, failedOrders = :none REMOVE failingSince, #since, #until, openMs, reason, probeId, probeUntil'

/** Failures of this many orders count as the vendor's, even while it serves others. */
const ordersToCompare = 3

/**
 * A vendor's circuit breaker, shared by all instances in one item. Closed → (enough transient failures in a
 * row) → open until a time → half-open: one probe wins a conditional write → closed, or open twice as long.
 * On the happy path it writes nothing. Where it cannot be read or written it counts as closed: it protects
 * the vendor and the orders' attempts, and nobody's order may depend on it.
 */
export function createCircuitBreaker(
  client: DynamoDBDocumentClient,
  options: { tableName: string; vendor: string; policy: CircuitPolicy; onError: (error: unknown) => void },
) {
  const { tableName, vendor, policy, onError } = options
  let cached: { circuit: Circuit; at: number } | undefined
  /** The last order that the vendor served here, and the last one before it that was another's. */
  let served: { orderId: string; at: number } | undefined
  let servedBefore: { orderId: string; at: number } | undefined

  const readAfresh = createCircuitReader(client, tableName, vendor)

  const remember = (item: Circuit, now: number): Circuit => {
    cached = { circuit: item, at: now }
    return item
  }

  async function read(now: number): Promise<Circuit> {
    if (cached && now - cached.at < policy.cacheMs && now >= cached.at) return cached.circuit
    return remember(await readAfresh(), now)
  }

  /** Writes if the condition holds; answers what is stored then, and whether it wrote. */
  async function write(
    now: number,
    UpdateExpression: string,
    ConditionExpression: string,
    values: Record<string, unknown> | undefined,
  ): Promise<{ written: boolean; circuit: Circuit }> {
    const expressions = UpdateExpression + ConditionExpression
    const reserved = { '#state': 'state', '#since': 'since', '#until': 'until' }
    const names = Object.entries(reserved).filter(([name]) => expressions.includes(name))
    try {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { vendor },
          UpdateExpression,
          ConditionExpression,
          // DynamoDB refuses an empty map of names.
          ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
          ExpressionAttributeValues: values,
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
      return { written: true, circuit: remember(parseCircuit(Attributes), now) }
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      return {
        written: false,
        circuit: remember(parseCircuit(error.Item && unmarshall(error.Item)), now),
      }
    }
  }

  const refusal = (item: Circuit, now: number): Admission => {
    if (item.heldSince !== undefined)
      return { admitted: false, until: now + policy.maxOpenMs, reason: 'PAUSED_BY_OPERATOR' }
    if (item.state === 'closed') return { admitted: true }
    // Not when a probe's turn ends: it is mostly answered long before, and the relay knows whether it was.
    return { admitted: false, until: Math.max(item.until, now), reason: `CIRCUIT_OPEN:${item.reason}` }
  }

  const guarded = async <T>(fallback: T, action: () => Promise<T>): Promise<T> => {
    try {
      return await action()
    } catch (error) {
      onError(error)
      return fallback
    }
  }

  /** Opens a closed circuit, or prolongs one that is open for less long. */
  const openUntil = (now: number, until: number, reason: Reason) =>
    write(
      now,
      `SET #state = :open, #since = if_not_exists(#since, :now), #until = :until, reason = :reason, openMs = if_not_exists(openMs, :openMs) ${noProbe}`,
      'attribute_not_exists(#state) OR #state = :closed OR (#until < :until AND attribute_not_exists(probeId))',
      {
        ':open': 'open',
        ':closed': 'closed',
        ':now': now,
        ':until': until,
        ':reason': reason,
        ':openMs': policy.openMs,
      },
    )

  return {
    /** The circuit as it is known here, at most `cacheMs` old. */
    read,

    /** Asks for leave to call the vendor. `probeId` names this call, should it become the probe. */
    admit: (probeId: string, now: number): Promise<Admission> =>
      guarded<Admission>({ admitted: true }, async () => {
        const known = await read(now)
        if (known.heldSince !== undefined || known.state === 'closed' || now < known.until)
          return refusal(known, now)
        const turn = await write(
          now,
          'SET probeId = :probe, probeUntil = :probeUntil',
          '#state = :open AND #until <= :now AND attribute_not_exists(heldSince) AND (attribute_not_exists(probeId) OR probeUntil < :now)',
          { ':open': 'open', ':now': now, ':probe': probeId, ':probeUntil': now + policy.probeMs },
        )
        return turn.written ? { admitted: true, probe: probeId } : refusal(turn.circuit, now)
      }),

    /** Whether the vendor has served another order here since a moment (ISO 8601). */
    hasServedAnother: (orderId: string, since: string | undefined): boolean => {
      const other = served?.orderId === orderId ? servedBefore : served
      return since !== undefined && other !== undefined && other.at >= Date.parse(since)
    },

    /** The vendor answered as it should. Only the probe's holder closes an open circuit. */
    succeeded: ({ orderId, now, probe }: CircuitCall): Promise<void> =>
      guarded(undefined, async () => {
        if (served?.orderId !== orderId) servedBefore = served
        served = { orderId, at: now }
        const values = { ':closed': 'closed', ':zero': 0, ':none': [] }
        if (probe !== undefined) await write(now, close, 'probeId = :probe', { ...values, ':probe': probe })
        else if (cached?.circuit.state === 'closed' && cached.circuit.failures > 0)
          await write(
            now,
            'SET failures = :zero, failedOrders = :none REMOVE failingSince',
            '#state = :closed',
            values,
          )
      }),

    /** The vendor failed. Answers until when the circuit is open now, or undefined where it is closed. */
    failed: ({ orderId, reason, now, probe }: CircuitCall): Promise<number | undefined> =>
      guarded<number | undefined>(undefined, async () => {
        if (probe !== undefined) {
          const before = await read(now)
          const openMs = Math.min(
            2 * (before.state === 'open' ? before.openMs : policy.openMs),
            policy.maxOpenMs,
          )
          await write(
            now,
            `SET #until = :until, openMs = :openMs, reason = :reason ${noProbe}`,
            'probeId = :probe',
            { ':probe': probe, ':until': now + openMs, ':openMs': openMs, ':reason': reason },
          )
          return now + openMs
        }
        const counted = await write(
          now,
          'SET #state = :closed, failedOrders = list_append(if_not_exists(failedOrders, :none), :order), failingSince = if_not_exists(failingSince, :now) ADD failures :one',
          'attribute_not_exists(#state) OR #state = :closed',
          { ':closed': 'closed', ':one': 1, ':none': [], ':order': [orderId], ':now': now },
        )
        if (!counted.written)
          return counted.circuit.state === 'open' ? Math.max(counted.circuit.until, now) : undefined
        if (counted.circuit.state === 'open' || counted.circuit.failures < policy.failureThreshold)
          return undefined
        const { failedOrders = [], failingSince = now } = counted.circuit
        const hasServedMeanwhile = served !== undefined && served.at > failingSince
        if (hasServedMeanwhile && new Set(failedOrders).size < ordersToCompare) return undefined
        const opened = await openUntil(now, now + policy.openMs, reason)
        return opened.circuit.state === 'open' ? opened.circuit.until : undefined
      }),

    /** The vendor asked for a pause, or refuses us all: opens at once for `forMs`, and never doubles that. */
    pause: ({ reason, now, probe, forMs }: CircuitCall & { forMs: number }): Promise<number> => {
      const until = now + Math.min(forMs, policy.maxOpenMs)
      return guarded(until, async () => {
        if (probe !== undefined)
          await write(now, `SET #until = :until, reason = :reason ${noProbe}`, 'probeId = :probe', {
            ':probe': probe,
            ':until': until,
            ':reason': reason,
          })
        else await openUntil(now, until, reason)
        return until
      })
    },

    /** Gives a probe's turn back unused: the next caller may have it. */
    release: (probe: string, now: number): Promise<void> =>
      guarded(undefined, async () => {
        await write(now, noProbe, 'probeId = :probe', { ':probe': probe })
      }),

    /** An operator holds the circuit open, or lets go of it. Throws where it cannot be written. */
    hold: async (held: boolean, now: number): Promise<Circuit> => {
      const turn = held
        ? await write(
            now,
            'SET heldSince = :now, #state = if_not_exists(#state, :closed), failures = if_not_exists(failures, :zero)',
            'attribute_not_exists(heldSince)',
            { ':now': now, ':closed': 'closed', ':zero': 0 },
          )
        : await write(now, 'REMOVE heldSince', 'attribute_exists(heldSince)', undefined)
      return turn.circuit
    },
  }
}
/** See {@link createCircuitBreaker}. */
export type CircuitBreaker = ReturnType<typeof createCircuitBreaker>
