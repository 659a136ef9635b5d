import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Cloud } from '../cloud.ts'

/** What an operator could do to queues and orders with the AWS CLI. */
export async function createOperator(cloud: Cloud) {
  const config = {
    endpoint: cloud.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  }
  const sqs = new SQSClient(config)
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(config))
  const { TableNames = [] } = await documents.send(new ListTablesCommand())
  const orderTable = TableNames.find((name) => name.includes('OrderTable'))
  const queueUrl = async (name: string) => (await cloud.queues()).find((each) => each.name === name)?.url

  return {
    /** Puts any message into a queue, named by its construct. */
    send: async (queue: string, body: unknown): Promise<void> => {
      const MessageBody = typeof body === 'string' ? body : JSON.stringify(body)
      await sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(queue), MessageBody }))
    },
    /** All messages in a queue with their attributes, as text. */
    read: async (queue: string): Promise<string[]> => {
      const texts: string[] = []
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: await queueUrl(queue),
            MaxNumberOfMessages: 10,
            VisibilityTimeout: 600,
            MessageAttributeNames: ['All'],
            MessageSystemAttributeNames: ['All'],
          }),
        )
        if (Messages.length === 0) return texts
        texts.push(...Messages.map((message) => JSON.stringify(message)))
      }
    },
    /** Sets attributes of an order's outbox mark, and makes it due. */
    setMark: async (orderId: string, mark: Record<string, string | number>): Promise<void> => {
      const entries = Object.entries({ ...mark, outboxDueAt: new Date(Date.now() - 1).toISOString() })
      await documents.send(
        new UpdateCommand({
          TableName: orderTable,
          Key: { orderId },
          UpdateExpression: `SET ${entries.map(([name]) => `${name} = :${name}`).join(', ')}`,
          ExpressionAttributeValues: Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])),
        }),
      )
    },
    close: () => {
      sqs.destroy()
      documents.destroy()
    },
  }
}
/** See {@link createOperator}. */
export type Operator = Awaited<ReturnType<typeof createOperator>>
