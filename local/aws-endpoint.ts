import { createHash, randomUUID } from 'node:crypto'
import aws4 from 'aws4'
import type { Activity } from './activity.ts'
import { type App, type HttpResponse, json } from './http.ts'
import type { Caller, Iam } from './iam.ts'
import { AwsError, type AwsService, nameOf, notEmulated } from './services/aws-service.ts'
import { type CloudFormation, queryError } from './services/cloudformation.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const authorization =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/

/** Errors caused by the template or by the emulator: their messages also name the constructs involved. */
const ofTheTemplate = ['AccessDeniedException', 'UnknownOperationException']

type Headers = Record<string, string>

const refused = (code: string, message: string) => new AwsError(code, message, 403)

/**
 * Identifies a request's caller by its signature, which is recomputed by a library that shares no code with the SDK.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html
 * @throws {AwsError} MissingAuthenticationToken, InvalidClientTokenId or SignatureDoesNotMatch, as on AWS
 */
const authenticate = (iam: Iam, headers: Headers, body: Buffer): Caller => {
  const [, accessKeyId, region, service, signedHeaders = '', signature] =
    authorization.exec(headers.authorization ?? '') ?? []
  if (!accessKeyId || !region || !service)
    throw refused('MissingAuthenticationToken', 'Request is missing Authentication Token')
  const caller = iam.identify(accessKeyId)
  const token = headers['x-amz-security-token']
  if (!caller || token !== caller.credentials.sessionToken)
    throw refused('InvalidClientTokenId', 'The security token included in the request is invalid.')
  const signed = Object.fromEntries(signedHeaders.split(';').map((name) => [name, headers[name]]))
  // aws4 would trust this header instead of hashing the body.
  if ('x-amz-content-sha256' in signed)
    signed['x-amz-content-sha256'] = createHash('sha256').update(body).digest('hex')
  const request = { method: 'POST', path: '/', region, service, headers: signed, body }
  const signer = new aws4.RequestSigner({ ...request, doNotModifyHeaders: true }, caller.credentials)
  signer.datetime = headers['x-amz-date'] ?? ''
  const coversToken = token === undefined || 'x-amz-security-token' in signed
  if (coversToken && signer.signature() === signature) return caller
  throw refused(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  )
}

/**
 * The single endpoint of all AWS services: it authenticates the caller, checks IAM permissions and forwards the call.
 * `services` is keyed by the prefix of X-Amz-Target.
 */
export const addAwsEndpoint = (
  app: App,
  deps: {
    iam: Iam
    activity: Activity
    services: Record<string, AwsService>
    cloudFormation: CloudFormation
    /** Construct paths of resources, keyed by the last part of their ARNs. */
    paths: ReadonlyMap<string, string>
  },
): void => {
  const { iam, activity, services, cloudFormation, paths } = deps
  const pathOf = (arnOrName: string) => paths.get(nameOf(arnOrName.replace(/\/index\/.*/, '')))

  const call = async (caller: Caller, headers: Headers, body: Buffer) => {
    const { 'x-amz-target': target = '', 'x-amzn-trace-id': trace } = headers
    const [prefix = '', action = ''] = target.split('.')
    const service = services[prefix]
    const resources: string[] = []
    try {
      if (!service) throw notEmulated(target || 'a call without X-Amz-Target')
      const input = JSON.parse(body.toString() || '{}')
      const needed = service.permissions(action, input)
      resources.push(...needed.map(({ resource }) => resource))
      for (const each of needed) await iam.authorize(caller, each.action, each.resource)
      const count = input.Entries?.length ?? 1
      activity.emit('activity', { type: 'aws-call', caller: caller.name, action, resources, count })
      return json(200, await service.call(action, input, trace))
    } catch (error) {
      if (!(error instanceof AwsError) || !ofTheTemplate.includes(error.code)) throw error
      const constructs = [caller.name, ...resources].flatMap((name) => pathOf(name) ?? [])
      if (constructs.length) error.message += ` (constructs: ${constructs.join(', ')})`
      console.error(`local: ${error.message}`)
      throw error
    }
  }

  app.post<{ Body: Buffer | null }>('/', async (request, reply) => {
    const body = request.body ?? Buffer.alloc(0)
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, `${value}`]),
    )
    const { 'x-amz-target': target, 'content-type': type } = headers
    const answer = async (): Promise<HttpResponse> => {
      const caller = authenticate(iam, headers, body)
      // Only CloudFormation uses the query protocol, which has no target header.
      if (target === undefined) return cloudFormation(new URLSearchParams(body.toString()))
      return call(caller, headers, body)
    }
    const failed = (error: unknown): HttpResponse => {
      if (error instanceof SyntaxError) return failed(new AwsError('SerializationException', error.message))
      if (!(error instanceof AwsError)) throw error
      if (target === undefined) return queryError(error)
      return json(error.status, { __type: error.code, message: error.message, ...error.fields })
    }
    const { status, headers: own, body: text } = await answer().catch(failed)
    return reply
      .code(status)
      .headers({ ...own, ...(type && target && { 'content-type': type }), 'x-amzn-requestid': randomUUID() })
      .send(text)
  })
}
