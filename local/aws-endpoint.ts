import { randomUUID } from 'node:crypto'
import { type HttpHandler, type HttpRequest, json } from './http.ts'
import type { Iam } from './iam.ts'
import { AwsError, type AwsService } from './services/aws-service.ts'

/** The services by the prefix of X-Amz-Target. */
export type Services = Record<string, AwsService>

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html */
const credential = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\/aws4_request/

/** Whether a request is an AWS SDK's and not a shop's. */
export const isAwsCall = ({ headers }: HttpRequest): boolean =>
  credential.test(headers.authorization ?? '') || 'x-amz-target' in headers

/**
 * The one endpoint of all AWS services. It knows the caller by the access key, asks IAM, and passes the call on. It
 * does not verify signatures.
 */
export const createAwsEndpoint = (deps: {
  iam: Iam
  services: Services
  cloudFormation: (query: URLSearchParams) => { status: number; body: string }
}): HttpHandler => {
  const { iam, services, cloudFormation } = deps

  const call = async (request: HttpRequest, accessKeyId: string): Promise<object> => {
    const [prefix = '', action = ''] = (request.headers['x-amz-target'] ?? '').split('.')
    const service = services[prefix]
    if (!service)
      throw new AwsError('UnknownOperationException', `local/ does not emulate ${prefix}.${action}`)
    const input = JSON.parse(request.body?.toString() || '{}')
    const caller = iam.identify(accessKeyId)
    for (const needed of service.permissions(action, input))
      await iam.authorize(caller, needed.action, needed.resource)
    return service.call(action, input, { traceHeader: request.headers['x-amzn-trace-id'] })
  }

  return async (request) => {
    const [, accessKeyId = '', scope = ''] = credential.exec(request.headers.authorization ?? '') ?? []
    if (scope === 'cloudformation') {
      const { status, body } = cloudFormation(new URLSearchParams(request.body?.toString()))
      return { status, headers: { 'content-type': 'text/xml' }, body }
    }
    const headers = {
      'content-type': request.headers['content-type'] ?? 'application/x-amz-json-1.0',
      'x-amzn-requestid': randomUUID(),
    }
    try {
      return { ...json(200, await call(request, accessKeyId)), headers }
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      const { code, message, status, fields, queryCode = code } = error
      return {
        ...json(status, { __type: code, message, ...fields }),
        // How SQS names its errors to SDKs: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
        headers: { ...headers, ...(scope === 'sqs' && { 'x-amzn-query-error': `${queryCode};Sender` }) },
      }
    }
  }
}
