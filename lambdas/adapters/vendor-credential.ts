import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/** Reads once per instance, again once it is over (epoch ms), and on demand. What throws is not kept. */
export function remembered<Value>(
  now: () => number,
  read: (afresh: boolean) => Promise<{ value: Value; until: number }>,
) {
  let kept: ReturnType<typeof read> | undefined
  return async (afresh: boolean): Promise<Value> => {
    const before = kept
    const known = afresh ? undefined : await before?.catch(() => undefined)
    if (known !== undefined && now() < known.until) return known.value
    // Of many that find it over, the first one reads it for all.
    kept = kept !== undefined && kept !== before ? kept : read(afresh)
    return (await kept).value
  }
}

/** Reads a vendor's secret. Throws where it is unreadable or empty. */
export const createVendorCredential = (client: SecretsManagerClient, secretArn: string) =>
  remembered(Date.now, async () => {
    const { SecretString: value } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }))
    if (!value) throw new Error('The vendor credential in Secrets Manager is empty')
    return { value, until: Number.POSITIVE_INFINITY }
  })
