import { setTimeout as sleep } from 'node:timers/promises'
import type { Activity } from '../activity.ts'
import { AwsError, type Json, nameOf } from './aws-service.ts'
import type { Message } from './sqs-message.ts'

interface MoveTask {
  Status: 'RUNNING' | 'COMPLETED' | 'FAILED'
  SourceArn: string
  DestinationArn?: string
  MaxNumberOfMessagesPerSecond?: number
  ApproximateNumberOfMessagesMoved: number
  ApproximateNumberOfMessagesToMove: number
  FailureReason?: string
  StartedTimestamp: number
}

/**
 * StartMessageMoveTask and ListMessageMoveTasks. Moved messages are new ones, with a new id and receive count:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 * One that SendMessage put into the dead-letter queue has no source to go back to:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-dlq-redrive.html
 */
export const createMoveTasks = (sqs: {
  call: (action: string, input: Json, traceHeader?: string) => Promise<Json>
  count: (name: string) => { visible: number }
  urlOf: (arn: string) => string
  isDeadLetterQueue: (arn: string) => boolean
  activity: Activity
}) => {
  const tasks: MoveTask[] = []

  const moveOne = async (
    task: MoveTask,
    { MessageId, ReceiptHandle, ...message }: Message,
  ): Promise<void> => {
    const { SourceArn: from } = task
    const QueueUrl = sqs.urlOf(from)
    const to = task.DestinationArn ?? message.Attributes?.DeadLetterQueueSourceArn
    if (!to) {
      await sqs.call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })
      throw new AwsError('CouldNotDetermineMessageSource', 'SQS did not move this message here itself.')
    }
    const { Body: MessageBody, MessageAttributes, Attributes } = message
    const copy = { QueueUrl: sqs.urlOf(to), MessageBody, MessageAttributes }
    await sqs.call('SendMessage', copy, Attributes?.AWSTraceHeader)
    await sqs.call('DeleteMessage', { QueueUrl, ReceiptHandle })
    task.ApproximateNumberOfMessagesMoved += 1
    sqs.activity.emit('happening', { type: 'message-moved', messageId: MessageId, from, to })
  }

  const run = async (task: MoveTask): Promise<void> => {
    const QueueUrl = sqs.urlOf(task.SourceArn)
    const all = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }
    try {
      while (task.ApproximateNumberOfMessagesMoved < task.ApproximateNumberOfMessagesToMove) {
        const { Messages = [] } = await sqs.call('ReceiveMessage', { QueueUrl, ...all })
        const [message] = Messages as Message[]
        if (!message) break
        await moveOne(task, message)
        if (task.MaxNumberOfMessagesPerSecond) await sleep(1000 / task.MaxNumberOfMessagesPerSecond)
      }
      task.Status = 'COMPLETED'
    } catch (error) {
      task.Status = 'FAILED'
      task.FailureReason = error instanceof AwsError ? error.code : String(error)
    }
  }

  return {
    StartMessageMoveTask: ({ SourceArn, ...options }: Json): Json => {
      const source = String(SourceArn)
      if (!sqs.isDeadLetterQueue(source))
        throw new AwsError(
          'InvalidParameterValueException',
          'Source queue must be configured as a Dead Letter Queue.',
        )
      if (tasks.some((task) => task.SourceArn === source && task.Status === 'RUNNING'))
        throw new AwsError('UnsupportedOperation', 'There is already a task running for this source queue.')
      const task: MoveTask = {
        ...options,
        Status: 'RUNNING',
        SourceArn: source,
        ApproximateNumberOfMessagesMoved: 0,
        ApproximateNumberOfMessagesToMove: sqs.count(nameOf(source)).visible,
        StartedTimestamp: Date.now(),
      }
      tasks.unshift(task)
      void run(task)
      return { TaskHandle: Buffer.from(JSON.stringify({ sourceArn: source })).toString('base64') }
    },
    ListMessageMoveTasks: ({ SourceArn, MaxResults = 1 }: Json): Json => ({
      Results: tasks.filter((task) => task.SourceArn === SourceArn).slice(0, Number(MaxResults)),
    }),
  }
}
