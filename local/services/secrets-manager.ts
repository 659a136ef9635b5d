import { randomBytes, randomUUID } from 'node:crypto'
import * as z from 'zod'
import { AwsError, type AwsService, arnOf, type Deploy, resource } from './aws-service.ts'

const noEffect = z.unknown().optional()
const secret = z.strictObject({
  Name: z.string().optional(),
  Description: noEffect,
  KmsKeyId: noEffect,
  Tags: noEffect,
  SecretString: z.string().optional(),
  GenerateSecretString: z
    .looseObject({
      SecretStringTemplate: z.string().optional(),
      GenerateStringKey: z.string().optional(),
      PasswordLength: z.int().default(32),
    })
    .optional(),
})

const generate = ({
  SecretStringTemplate,
  GenerateStringKey,
  PasswordLength,
}: NonNullable<z.output<typeof secret>['GenerateSecretString']>): string => {
  const password = randomBytes(PasswordLength).toString('base64url').slice(0, PasswordLength)
  if (!SecretStringTemplate || !GenerateStringKey) return password
  return JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: password })
}

/** Secrets Manager: the current version of each secret of the template. */
export const createSecretsManager = (): AwsService & { resources: Record<string, Deploy> } => {
  const secrets = new Map<string, { name: string; arn: string; value: string; version: string }>()
  const find = (id: unknown) => {
    const found = [...secrets.values()].find(({ name, arn }) => id === name || id === arn)
    if (found) return found
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
  }
  return {
    permissions: (action, { SecretId }) => {
      const known = [...secrets.values()].find(({ name }) => name === SecretId)
      return [{ action: `secretsmanager:${action}`, resource: known?.arn ?? String(SecretId) }]
    },
    call: async (action, input) => {
      const found = find(input.SecretId)
      const { arn: ARN, name: Name } = found
      if (action === 'PutSecretValue') {
        Object.assign(found, { value: String(input.SecretString), version: randomUUID() })
        return { ARN, Name, VersionId: found.version, VersionStages: ['AWSCURRENT'] }
      }
      if (action === 'GetSecretValue')
        return {
          ARN,
          Name,
          SecretString: found.value,
          VersionId: found.version,
          VersionStages: ['AWSCURRENT'],
        }
      throw new AwsError('UnknownOperationException', `local/ does not emulate secretsmanager:${action}`)
    },
    resources: {
      'AWS::SecretsManager::Secret': resource(secret, (properties, { name }) => {
        const { Name = name, SecretString, GenerateSecretString = { PasswordLength: 32 } } = properties
        // The six characters that AWS adds: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html
        const arn = arnOf('secretsmanager', `secret:${Name}-local0`)
        secrets.set(arn, {
          name: Name,
          arn,
          value: SecretString ?? generate(GenerateSecretString),
          version: randomUUID(),
        })
        return { ref: arn, attributes: { Id: arn } }
      }),
    },
  }
}
