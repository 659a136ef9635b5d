import { randomBytes, randomUUID } from 'node:crypto'
import * as z from 'zod'
import { AwsError, arnOf, type Json, notEmulated, resource } from './aws-service.ts'

/** Secrets Manager with the current value of each secret only. */
export const createSecretsManager = () => {
  const secrets: { Name: string; ARN: string; SecretString: string; VersionId: string }[] = []
  const find = (id: unknown) => secrets.find(({ Name, ARN }) => id === Name || id === ARN)

  return {
    permissions: (action: string, { SecretId }: Json) => [
      { action: `secretsmanager:${action}`, resource: find(SecretId)?.ARN ?? String(SecretId) },
    ],
    call: async (action: string, { SecretId, SecretString }: Json): Promise<Json> => {
      const secret = find(SecretId)
      if (!secret)
        throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
      if (action === 'PutSecretValue')
        Object.assign(secret, { SecretString: String(SecretString), VersionId: randomUUID() })
      else if (action !== 'GetSecretValue') throw notEmulated(`secretsmanager:${action}`)
      return { ...secret, VersionStages: ['AWSCURRENT'] }
    },
    resources: {
      'AWS::SecretsManager::Secret': resource(
        {
          SecretString: z.string().optional(),
          GenerateSecretString: z.strictObject({ ExcludePunctuation: z.literal(true) }).optional(),
        },
        '',
        ({ SecretString = randomBytes(24).toString('hex') }, { name: Name }) => {
          // AWS also appends six characters: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
          const ARN = arnOf('secretsmanager', `secret:${Name}-local0`)
          secrets.push({ Name, ARN, SecretString, VersionId: randomUUID() })
          return { ref: ARN, attributes: { Id: ARN } }
        },
      ),
    },
  }
}
