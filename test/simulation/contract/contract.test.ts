import { afterAll, describe } from '@jest/globals'
import { dynamoDbContract } from './dynamodb.contract.ts'
import { atEndpoint, type Engine, embedded, models } from './engines.ts'
import { eventBridgeContract } from './event-bridge.contract.ts'
import { sqsContract } from './sqs.contract.ts'

const { CONTRACT_ENDPOINT } = process.env

/** Who plays AWS: the simulation's models, the embedded engines, and AWS itself where it is given. */
const engines: Record<string, () => Promise<Engine>> = {
  'the models': models,
  'the embedded engines': embedded,
  ...(CONTRACT_ENDPOINT && { [CONTRACT_ENDPOINT]: () => atEndpoint(CONTRACT_ENDPOINT) }),
}

describe.each(Object.entries(engines))('%s', (_, start) => {
  // Concurrent tests begin before any hook: the first one starts the engine.
  let started: Promise<Engine> | undefined
  const engine = () => {
    started ??= start()
    return started
  }
  afterAll(async () => (await engine()).close())

  describe('DynamoDB', () => dynamoDbContract(engine))
  describe('EventBridge', () => eventBridgeContract(engine))
  describe('SQS', () => sqsContract(engine))
})
