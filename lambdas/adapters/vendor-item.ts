import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { type Circuit, type CircuitChange, createCircuitReader, parseCircuit } from './circuit.ts'
import { updateIf, updateOf } from './conditional-update.ts'

/** Of concurrent writers one succeeds per try, and this many successes are enough to open a circuit. */
const maxTries = 5

/** Runs an action. If it throws, reports the error to `onError` and returns the fallback. */
export const guardedBy =
  (onError: (error: unknown) => void) =>
  async <T>(fallback: T, action: () => Promise<T>): Promise<T> => {
    try {
      return await action()
    } catch (error) {
      onError(error)
      return fallback
    }
  }

/** A vendor's circuit and pace, shared by all instances through one item. */
export function createVendorItem(
  client: DynamoDBDocumentClient,
  /** `cacheMs`: how long an instance may use what it has read. */
  { tableName, vendor, cacheMs }: { tableName: string; vendor: string; cacheMs: number },
) {
  let cached: { circuit: Circuit; at: number } | undefined
  const readAfresh = createCircuitReader(client, tableName, vendor)

  const remember = (circuit: Circuit, now: number): Circuit => {
    cached = { circuit, at: now }
    return circuit
  }

  /** Applies the change that `next` returns; if another instance was faster, asks again. Throws if DynamoDB fails. */
  async function change(
    now: number,
    next: (circuit: Circuit) => CircuitChange | undefined,
  ): Promise<Circuit> {
    let circuit = await readAfresh()
    for (let tries = 0; tries < maxTries; tries++) {
      const set = next(circuit)
      if (set === undefined) break
      const { expression, values } = updateOf({ state: circuit.state, ...set })
      const { written, item } = await updateIf(client, {
        TableName: tableName,
        Key: { vendor },
        UpdateExpression: expression,
        ConditionExpression: 'attribute_not_exists(version) OR version = :seen',
        ExpressionAttributeValues: { ...values, ':seen': circuit.version ?? 0 },
        ReturnValues: 'ALL_NEW',
      })
      circuit = parseCircuit(item)
      if (written) break
    }
    return remember(circuit, now)
  }

  return {
    cacheMs,

    known: () => cached?.circuit,

    /** The item, at most `cacheMs` old. Throws if it cannot be read. */
    async read(now: number): Promise<Circuit> {
      if (cached && now - cached.at < cacheMs && now >= cached.at) return cached.circuit
      return remember(await readAfresh(), now)
    },

    change,

    /** Pauses or resumes the vendor for an operator. Throws if the item cannot be written. */
    hold: (held: boolean, now: number, holder: Circuit['holder']): Promise<Circuit> =>
      change(now, ({ heldSince }) =>
        held === (heldSince !== undefined) ? undefined : { heldSince: held ? now : undefined, holder },
      ),
  }
}
export type VendorItem = ReturnType<typeof createVendorItem>
