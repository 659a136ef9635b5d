import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/** Reads a vendor's credential once per instance, and on demand. Throws where it is unreadable or empty. */
export function createVendorCredential(client: SecretsManagerClient, secretArn: string) {
  let credential: Promise<string> | undefined

  async function read(): Promise<string> {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }))
    if (!SecretString) throw new Error('The vendor credential in Secrets Manager is empty')
    return SecretString
  }

  return (afresh: boolean): Promise<string> => {
    if (afresh) credential = undefined
    // A failed read is not kept, or the instance could never call its vendor again.
    credential ??= read().catch((error) => {
      credential = undefined
      throw error
    })
    return credential
  }
}
