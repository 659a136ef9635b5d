import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { beforeEach, expect, test } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { createVendorCredential } from '../../../lambdas/adapters/vendor-credential.ts'

const client = new SecretsManagerClient({})
const secrets = mockClient(client)
const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:vendor'
const reads = () => secrets.commandCalls(GetSecretValueCommand).map((call) => call.args[0].input.SecretId)

beforeEach(() => void secrets.reset())

test('a credential is read once per instance, however many ask at once', async () => {
  secrets.on(GetSecretValueCommand).resolves({ SecretString: 's-1' })
  const credential = createVendorCredential(client, arn)

  const all = await Promise.all([credential(false), credential(false), credential(false)])

  expect(all).toEqual(['s-1', 's-1', 's-1'])
  expect(reads()).toEqual([arn])
})

test('a credential that was read afresh is the one from then on', async () => {
  secrets.on(GetSecretValueCommand).resolvesOnce({ SecretString: 'old' }).resolves({ SecretString: 'new' })
  const credential = createVendorCredential(client, arn)

  const all = [await credential(false), await credential(true), await credential(false)]

  expect(all).toEqual(['old', 'new', 'new'])
  expect(reads()).toHaveLength(2)
})

test('a read that failed is not kept', async () => {
  secrets.on(GetSecretValueCommand).rejectsOnce(new Error('Throttled')).resolves({ SecretString: 's-1' })
  const credential = createVendorCredential(client, arn)

  await expect(credential(false)).rejects.toThrow('Throttled')
  expect(await credential(false)).toBe('s-1')
})

test('an empty secret is an error', async () => {
  secrets.on(GetSecretValueCommand).resolves({ SecretString: '' })

  await expect(createVendorCredential(client, arn)(false)).rejects.toThrow('is empty')
})
