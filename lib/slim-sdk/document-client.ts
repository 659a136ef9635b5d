import * as raw from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from './util-dynamodb.ts'

/**
 * Stands in for `@aws-sdk/lib-dynamodb` in the bundles (see plugin.ts): the same documents for the commands
 * that we send and the fields that we use, without its layer of middleware around every call. A command or
 * field that is not here fails in the bundler or in DynamoDB's own validation.
 */
type Document = Record<string, unknown>
type Attributes = Record<string, raw.AttributeValue>
type Keys = Record<string, { Keys?: Document[] }>
type RawKeys = Record<string, { Keys?: Attributes[] }>

interface Input {
  Item?: Document
  Key?: Document
  ExpressionAttributeValues?: Document
  ExclusiveStartKey?: Document
  RequestItems?: Keys
}

interface Output {
  Item?: Attributes
  Attributes?: Attributes
  LastEvaluatedKey?: Attributes
  Items?: Attributes[]
  Responses?: Record<string, Attributes[]>
  UnprocessedKeys?: RawKeys
}

const documentFields = ['Item', 'Key', 'ExpressionAttributeValues', 'ExclusiveStartKey'] as const

const mapValues = <From, To>(record: Record<string, From>, to: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]))

function rawInput(input: Input): object {
  const marshalled: Record<string, unknown> = { ...input }
  for (const field of documentFields) {
    const document = input[field]
    if (document !== undefined) marshalled[field] = marshall(document)
  }
  if (input.RequestItems !== undefined)
    marshalled.RequestItems = mapValues(input.RequestItems, (request) => ({
      ...request,
      Keys: request.Keys?.map(marshall),
    }))
  return marshalled
}

const documents = (items: Attributes[]): Document[] => items.map((item) => unmarshall(item))

function documentOutput(output: Output): object {
  const { Item, Attributes, LastEvaluatedKey, Items, Responses, UnprocessedKeys } = output
  return {
    ...output,
    ...(Item && { Item: unmarshall(Item) }),
    ...(Attributes && { Attributes: unmarshall(Attributes) }),
    ...(LastEvaluatedKey && { LastEvaluatedKey: unmarshall(LastEvaluatedKey) }),
    ...(Items && { Items: documents(Items) }),
    ...(Responses && { Responses: mapValues(Responses, documents) }),
    ...(UnprocessedKeys && {
      UnprocessedKeys: mapValues(UnprocessedKeys, (request) => ({
        ...request,
        ...(request.Keys && { Keys: documents(request.Keys) }),
      })),
    }),
  }
}

type RawCommand = new (input: never) => object

/** A command whose input and output are documents. */
const documentCommand = (Raw: RawCommand) =>
  class {
    readonly input: Input
    constructor(input: Input) {
      this.input = input
    }
    raw(): object {
      return new Raw(rawInput(this.input) as never)
    }
  }

export const PutCommand = documentCommand(raw.PutItemCommand)
export const GetCommand = documentCommand(raw.GetItemCommand)
export const UpdateCommand = documentCommand(raw.UpdateItemCommand)
export const QueryCommand = documentCommand(raw.QueryCommand)
export const BatchGetCommand = documentCommand(raw.BatchGetItemCommand)

/** Sends {@link documentCommand}s. */
export class DynamoDBDocumentClient {
  readonly #client: raw.DynamoDBClient

  private constructor(client: raw.DynamoDBClient) {
    this.#client = client
  }

  /** Marshalls as with the options in lambdas/runtime/aws-clients.ts, and no others. */
  static from(client: raw.DynamoDBClient) {
    // Raw commands can share their middleware; lib-dynamodb's cannot, so this has its place here.
    client.config.cacheMiddleware = true
    return new DynamoDBDocumentClient(client)
  }

  async send(command: { raw(): object }, options?: object): Promise<object> {
    return documentOutput((await this.#client.send(command.raw() as never, options as never)) as Output)
  }
}
