import { randomUUID } from 'node:crypto'
import { type HttpHandler, type HttpRequest, json } from './http.ts'
import type { Iam } from './iam.ts'
import { AwsError, type AwsService, notEmulated } from './services/aws-service.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const credential = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\/aws4_request/

/** Whether a request is an AWS SDK's and not a shop's. */
export const isAwsCall = ({ headers }: HttpRequest): boolean =>
  credential.test(headers.authorization ?? '') || 'x-amz-target' in headers

/**
 * The one endpoint of all AWS services. It knows the caller by the access key, asks IAM, and passes the call on; it
 * does not verify signatures.
 */
export const createAwsEndpoint = (deps: {
  iam: Iam
  /** By the prefix of X-Amz-Target. */
  services: Record<string, AwsService>
  cloudFormation: (query: URLSearchParams) => { status: number; body: string }
}): HttpHandler => {
  const { iam, services, cloudFormation } = deps

  const call = async ({ headers, body }: HttpRequest, accessKeyId: string): Promise<object> => {
    const target = headers['x-amz-target'] ?? ''
    const [prefix = '', action = ''] = target.split('.')
    const service = services[prefix]
    if (!service) throw notEmulated(target)
    const input = JSON.parse(body?.toString() || '{}')
    const caller = iam.identify(accessKeyId)
    for (const needed of service.permissions(action, input))
      await iam.authorize(caller, needed.action, needed.resource)
    return service.call(action, input, headers['x-amzn-trace-id'])
  }

  return async (request) => {
    const [, accessKeyId = '', service] = credential.exec(request.headers.authorization ?? '') ?? []
    if (service === 'cloudformation') {
      const answer = cloudFormation(new URLSearchParams(request.body?.toString()))
      return { ...answer, headers: { 'content-type': 'text/xml' } }
    }
    const headers = { 'content-type': request.headers['content-type'], 'x-amzn-requestid': randomUUID() }
    try {
      return json(200, await call(request, accessKeyId), headers)
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      const { code, message, status, fields } = error
      return json(status, { __type: code, message, ...fields }, headers)
    }
  }
}
