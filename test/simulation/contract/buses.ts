import { randomUUID } from 'node:crypto'
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { createActivity } from '../../../local/activity.ts'
import { createEventBridge } from '../../../local/services/event-bridge.ts'
import type { Sqs } from '../../../local/services/sqs.ts'
import { bringUp } from '../../local/emulated.ts'
import { createEventBridgeModel } from '../models/event-bridge.ts'
import { inProcess } from './wire.ts'

/** The event pattern of the suite's rule. */
export const pattern = { source: ['contract'], 'detail-type': ['ORDER_CREATED'] }

/** A bus with one rule that sends to one queue. */
export interface Bus {
  events: EventBridgeClient
  name: string
  /** Receives the next events from the rule's queue. Others may still be on their way. */
  received(): Promise<unknown[]>
  remove(): Promise<void>
}

/** The simulation's model of EventBridge, which has one bus; the rule is implemented here. */
export function modelBus(): Bus {
  const delivered: unknown[] = []
  const deliver = (event: { 'detail-type': string }) =>
    pattern['detail-type'].includes(event['detail-type']) && delivered.push(event)
  const { service } = createEventBridgeModel({ deliver, now: () => Date.UTC(2026, 10, 2) })
  return {
    events: new EventBridgeClient(inProcess(service)),
    name: 'bus',
    received: async () => delivered.splice(0),
    remove: async () => {},
  }
}

const bodyOf = ({ Body = '' }: Message): unknown => JSON.parse(Body)

/** Receives and deletes a queue's messages. */
async function takeOut(sqs: SQSClient, QueueUrl: string): Promise<unknown[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  )
  for (const { ReceiptHandle } of Messages)
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
  return Messages.map(bodyOf)
}

/** A queue that a bus sends to, and the client that reads it. */
export interface Target {
  sqs: SQSClient
  url: string
  arn: string
}

/** A bus of the embedded cloud. */
export async function embeddedBus(emulated: Sqs, { sqs, url, arn }: Target): Promise<Bus> {
  const name = `contract-${randomUUID().slice(0, 8)}`
  const bus = createEventBridge({
    sqs: emulated,
    activity: createActivity(),
    iam: { maySend: async () => undefined },
  })
  await bringUp(bus.resources, 'AWS::Events::EventBus', name, { Name: name })
  await bringUp(bus.resources, 'AWS::Events::Rule', 'rule', {
    EventBusName: name,
    EventPattern: pattern,
    Targets: [{ Id: 'queue', Arn: arn }],
  })
  return {
    events: new EventBridgeClient(inProcess(bus.call)),
    name,
    received: () => takeOut(sqs, url),
    remove: async () => {},
  }
}

/** Creates a bus through AWS's API, and a queue policy that lets the rule send to the queue. */
export async function provisionedBus(events: EventBridgeClient, { sqs, url, arn }: Target): Promise<Bus> {
  const name = `contract-${randomUUID().slice(0, 8)}`
  const rule = { EventBusName: name, Name: 'contract' }
  await events.send(new CreateEventBusCommand({ Name: name }))
  const { RuleArn } = await events.send(
    new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }),
  )
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arn,
      Condition: { ArnEquals: { 'aws:SourceArn': RuleArn } },
    },
  })
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy } }))
  const target = { EventBusName: name, Rule: rule.Name }
  await events.send(new PutTargetsCommand({ ...target, Targets: [{ Id: 'queue', Arn: arn }] }))
  return {
    events,
    name,
    received: () => takeOut(sqs, url),
    async remove() {
      await events.send(new RemoveTargetsCommand({ ...target, Ids: ['queue'] }))
      await events.send(new DeleteRuleCommand(rule))
      await events.send(new DeleteEventBusCommand({ Name: name }))
    },
  }
}

/** Looks up a queue's ARN. */
export async function arnOf(sqs: SQSClient, QueueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  )
  return Attributes?.QueueArn ?? ''
}
