import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/** Caches a value until it expires (`until`, epoch ms) or is requested afresh. Errors are not cached. */
export function remembered<Value>(
  now: () => number,
  read: (afresh: boolean) => Promise<{ value: Value; until: number }>,
) {
  let kept: ReturnType<typeof read> | undefined
  return async (afresh: boolean): Promise<Value> => {
    const before = kept
    const known = afresh ? undefined : await before?.catch(() => undefined)
    if (known !== undefined && now() < known.until) return known.value
    // If several callers find it expired, only the first one reads it.
    kept = kept !== undefined && kept !== before ? kept : read(afresh)
    return (await kept).value
  }
}

/** Reads a vendor's secret. Throws if it cannot be read or is empty. */
export const createVendorCredential = (client: SecretsManagerClient, secretArn: string) =>
  remembered(Date.now, async () => {
    const { SecretString: value } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }))
    if (!value) throw new Error('The vendor credential in Secrets Manager is empty')
    return { value, until: Number.POSITIVE_INFINITY }
  })
