/**
 * Replaces `@aws-sdk/credential-provider-node`: a Lambda's credentials are always in its environment, and last as
 * long as it. Read once, since every call asks for them three times.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 * @throws {Error} where the environment has none
 */
export const defaultProvider = () => {
  let credentials: ReturnType<typeof fromEnvironment> | undefined
  return async () => {
    credentials ??= fromEnvironment()
    return credentials
  }
}

function fromEnvironment() {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Error('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the environment.')
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  }
}
