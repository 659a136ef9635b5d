import * as raw from '@aws-sdk/client-dynamodb'
import { marshall, type marshallOptions, unmarshall } from '@aws-sdk/util-dynamodb'

/**
 * Stands in for `@aws-sdk/lib-dynamodb` in the bundles (see plugin.ts): the same documents for the commands
 * that we send and the fields that we use, by the same marshalling, without its layer of middleware around
 * every call. A command or field that is not here fails in the bundler or in DynamoDB's own validation.
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

function rawInput(input: Input, options: marshallOptions): object {
  const marshalled: Record<string, unknown> = { ...input }
  for (const field of documentFields) {
    const document = input[field]
    if (document !== undefined) marshalled[field] = marshall(document, options)
  }
  if (input.RequestItems !== undefined)
    marshalled.RequestItems = mapValues(input.RequestItems, (request) => ({
      ...request,
      Keys: request.Keys?.map((key) => marshall(key, options)),
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
    raw(options: marshallOptions): object {
      return new Raw(rawInput(this.input, options) as never)
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
  readonly #options: marshallOptions

  private constructor(client: raw.DynamoDBClient, options: marshallOptions) {
    this.#client = client
    this.#options = options
  }

  static from(
    client: raw.DynamoDBClient,
    { marshallOptions = {} }: { marshallOptions?: marshallOptions } = {},
  ) {
    // Raw commands can share their middleware; lib-dynamodb's cannot, so this has its place here.
    client.config.cacheMiddleware = true
    return new DynamoDBDocumentClient(client, marshallOptions)
  }

  async send(command: { raw(options: marshallOptions): object }, options?: object): Promise<object> {
    return documentOutput(
      (await this.#client.send(command.raw(this.#options) as never, options as never)) as Output,
    )
  }
}
