import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { type DynamoDBDocumentClient, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'

/** Whether the condition held, and the item that was written or that failed the condition, if any. */
export interface Conditional {
  written: boolean
  item: Record<string, unknown> | undefined
}

/** Sends a conditional write. A failed condition is returned, not thrown. */
export async function conditionally(
  send: () => Promise<{ Attributes?: Record<string, unknown> | undefined }>,
): Promise<Conditional> {
  try {
    return { written: true, item: (await send()).Attributes }
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    return { written: false, item: error.Item && unmarshall(error.Item) }
  }
}

/** Builds an update that sets attributes, removes those that are undefined, and increments `version`. */
export function updateOf(set: object, ...more: string[]) {
  const values: Record<string, unknown> = { ':one': 1 }
  const assignments = [...more]
  const removals: string[] = []
  for (const [key, value] of Object.entries(set))
    if (value === undefined) removals.push(`#${key}`)
    else {
      values[`:${key}`] = value
      assignments.push(`#${key} = :${key}`)
    }
  const removes = removals.length > 0 ? `REMOVE ${removals.join(', ')} ` : ''
  return { expression: `SET ${assignments.join(', ')} ${removes}ADD #version :one`, values }
}

/** Updates an item if a condition holds. In the expressions `#name` is the attribute `name`. */
export function updateIf(
  client: DynamoDBDocumentClient,
  input: Omit<UpdateCommandInput, 'ExpressionAttributeNames'>,
): Promise<Conditional> {
  const aliases = `${input.UpdateExpression} ${input.ConditionExpression}`.match(/#\w+/g)
  return conditionally(() =>
    client.send(
      new UpdateCommand({
        ...input,
        ...(aliases && {
          ExpressionAttributeNames: Object.fromEntries(aliases.map((alias) => [alias, alias.slice(1)])),
        }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ),
  )
}
