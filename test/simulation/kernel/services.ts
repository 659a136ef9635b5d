import { linkOf } from '../../../lambdas/domain/chain.ts'
import { AwsError, type Json } from '../models/aws-error.ts'
import type { Item } from '../models/expressions.ts'
import type { Invocation } from './invocation.ts'
import { stepOf } from './options.ts'
import type { World } from './world.ts'

/** An AWS call. */
export interface AwsCall {
  service: string
  action: string
  input: Json
}

const orderIdsIn = (input: Json): string[] => [...new Set(JSON.stringify(input).match(/ord_[0-9a-f]{32}/g))]

/** An order's PutItem as the previous release would write it: without the attributes that are new. */
function asWrittenBefore(input: Json, without: readonly string[]): Json {
  const Item = Object.entries(input.Item as Item).filter(([name]) => !without.includes(name))
  return { ...input, Item: Object.fromEntries(Item) }
}

/** AWS's services: executes calls in their models. */
export class Services {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** Executes a call. @returns its response or its AwsError @throws {NotModelled} */
  effect(invocation: Invocation, call: AwsCall, isRefused: boolean): Json | AwsError {
    const world = this.#world
    const { service, action, input } = call
    if (invocation.functionName === 'outbox-relay') {
      if (action === 'Query') world.watcher?.onOutboxRead(invocation)
      if (service === 'events' || action.startsWith('SendMessage'))
        world.watcher?.onRelayed(orderIdsIn(input))
    }
    const recorded = (answer: Json) => service === 'dynamodb' && world.recorder?.({ action, input, answer })
    try {
      const answer = this.#ask(call, isRefused)
      recorded(answer)
      return answer
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      recorded({ code: error.code, ...error.fields })
      const isExpected =
        error.code === 'ConditionalCheckFailedException' ||
        error.code === 'TransactionCanceledException' ||
        error.message.includes('visibility timeout change') ||
        this.#isUnwritable(call) ||
        this.#isUnsendable(call)
      if (!isExpected) world.invalidCalls.push(`AWS refuses ${service}:${action}: ${error.message}`)
      return error
    }
  }

  #ask(call: AwsCall, isRefused: boolean): Json {
    const { bus, dynamoDb, options, sqs, wake } = this.#world
    const { service, action, input } = call
    if (this.#isUnwritable(call)) throw new AwsError('ValidationException', 'The item is not valid')
    if (this.#isUnsendable(call))
      throw new AwsError('InvalidParameterValue', 'A part of the batch is not valid')
    if (service === 'dynamodb')
      return dynamoDb.call(
        action,
        action === 'PutItem' && input.TableName === 'orders' && options.writtenWithout
          ? asWrittenBefore(input, options.writtenWithout)
          : input,
      )
    if (service === 'events') return bus.call(action, input, isRefused)
    if (service === 'secretsmanager') return { SecretString: '{"client_id":"we","client_secret":"sesame"}' }
    if (isRefused) return { Successful: [], Failed: (input.Entries as Json[]).map(({ Id }) => ({ Id })) }
    const answer = sqs.call(action, input)
    wake()
    return answer
  }

  /** Whether a batch contains an order that cannot be sent. */
  #isUnsendable({ action, input }: AwsCall): boolean {
    const { options, dynamoDb } = this.#world
    const { unsendableLine: line } = options
    if (line === undefined || !Array.isArray(input.Entries) || action.startsWith('Delete')) return false
    return orderIdsIn(input).some((id) =>
      JSON.stringify(dynamoDb.items('orders').get(id) ?? '').includes(line),
    )
  }

  /** Whether a call stores a response of the world's `unwritable` vendor. */
  #isUnwritable({ action, input }: AwsCall): boolean {
    const { unwritable } = this.#world.options
    if (unwritable === undefined || action !== 'UpdateItem' || input.TableName !== 'orders') return false
    const status = ((input.ExpressionAttributeValues ?? {}) as Item)[':status']
    return status !== undefined && 'S' in status && status.S === linkOf(stepOf(unwritable)).to
  }
}
