import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { type Circuit, createCircuitReader, parseCircuit } from './circuit.ts'
import { updateIf } from './conditional-update.ts'

/** What is known of a vendor, shared by all instances in one item. */
export function createVendorItem(
  client: DynamoDBDocumentClient,
  /** `cacheMs`: how long an instance believes what it read. */
  { tableName, vendor, cacheMs }: { tableName: string; vendor: string; cacheMs: number },
) {
  let cached: { circuit: Circuit; at: number } | undefined
  const readAfresh = createCircuitReader(client, tableName, vendor)

  const remember = (circuit: Circuit, now: number): Circuit => {
    cached = { circuit, at: now }
    return circuit
  }

  /** Writes if the condition holds; answers what is stored then, and whether it wrote. */
  async function write(
    now: number,
    UpdateExpression: string,
    ConditionExpression: string,
    ExpressionAttributeValues: Record<string, unknown>,
  ): Promise<{ written: boolean; circuit: Circuit }> {
    const { written, item } = await updateIf(client, {
      TableName: tableName,
      Key: { vendor },
      UpdateExpression,
      ConditionExpression,
      ExpressionAttributeValues,
      ReturnValues: 'ALL_NEW',
    })
    return { written, circuit: remember(parseCircuit(item), now) }
  }

  return {
    cacheMs,

    known: () => cached?.circuit,

    /** The item, at most `cacheMs` old. Throws where it cannot be read. */
    async read(now: number): Promise<Circuit> {
      if (cached && now - cached.at < cacheMs && now >= cached.at) return cached.circuit
      return remember(await readAfresh(), now)
    },

    write,

    /** An operator holds the circuit open, or lets go of it. Throws where it cannot be written. */
    async hold(held: boolean, now: number, holder: Circuit['holder']): Promise<Circuit> {
      const turn = held
        ? await write(
            now,
            'SET heldSince = :now, holder = :holder, #state = if_not_exists(#state, :closed), failures = if_not_exists(failures, :zero)',
            'attribute_not_exists(heldSince)',
            { ':now': now, ':closed': 'closed', ':zero': 0, ':holder': holder },
          )
        : await write(now, 'SET holder = :holder REMOVE heldSince', 'attribute_exists(heldSince)', {
            ':holder': holder,
          })
      return turn.circuit
    },
  }
}
/** See {@link createVendorItem}. */
export type VendorItem = ReturnType<typeof createVendorItem>
