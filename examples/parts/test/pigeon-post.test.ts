import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AdapterTest,
  type ContractReport,
  type ContractTest,
  contractOf,
  type Promises,
  type Sandbox,
  surviveEveryCrash,
} from 'create-order/testing'
import { pigeons } from '../vendors/pigeon-fake.ts'
import { createPigeonPost } from '../vendors/pigeon-post.ts'

const promises: Promises = { honoursIdempotencyKey: true, canBeLookedUp: true, canBeCancelled: true }
const questions: ContractTest = { adapter: createPigeonPost, vendor: pigeons, promises }

test('Pigeon Post keeps all of the vendor contract', async () => {
  const { leftOut }: ContractReport = await contractOf(questions)

  assert.deepEqual(leftOut, [])
})

test('nobody is at home in the sandbox, and each question says so', async () => {
  const vendor: Sandbox = { url: 'http://127.0.0.1:9', credential: 'none' }

  await assert.rejects(contractOf({ ...questions, vendor }), /No: it answered CONNECTION_/)
})

test('Pigeon Post sends one pigeon for an order, whatever crashes', async () => {
  const played: AdapterTest = {
    adapter: new URL('../vendors/pigeon-post.ts#createPigeonPost', import.meta.url),
    fake: new URL('../vendors/pigeon-fake.ts#pigeons', import.meta.url),
    step: 'logistics',
    promises,
    pairs: 0,
  }
  const { runs } = await surviveEveryCrash(played)

  assert.ok(runs > 100)
})
