import { afterAll, describe } from '@jest/globals'
import { dynamoDbContract } from './dynamodb.contract.ts'
import { atEndpoint, type Engine, embedded, models } from './engines.ts'
import { eventBridgeContract } from './event-bridge.contract.ts'
import { sqsContract } from './sqs.contract.ts'

const { CONTRACT_ENDPOINT } = process.env

/** The implementations under test: the simulation's models, the embedded engines and, if an endpoint is given, AWS. */
const engines: Record<string, () => Promise<Engine>> = {
  'the models': models,
  'the embedded engines': embedded,
  ...(CONTRACT_ENDPOINT && { [CONTRACT_ENDPOINT]: () => atEndpoint(CONTRACT_ENDPOINT) }),
}

describe.each(Object.entries(engines))('%s', (_, start) => {
  // Jest starts concurrent tests before beforeAll hooks, so the first test starts the engine.
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
