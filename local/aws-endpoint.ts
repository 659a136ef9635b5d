import { randomUUID } from 'node:crypto'
import type { Activity } from './activity.ts'
import { type App, type HttpResponse, json } from './http.ts'
import type { Iam } from './iam.ts'
import { AwsError, type AwsService, notEmulated } from './services/aws-service.ts'
import type { CloudFormation } from './services/cloudformation.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const credential = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\/aws4_request/

/**
 * The one endpoint of all AWS services. It knows the caller by the access key, asks IAM, and passes the call on; it
 * does not verify signatures. `services` are by the prefix of X-Amz-Target.
 */
export const addAwsEndpoint = (
  app: App,
  deps: {
    iam: Iam
    activity: Activity
    services: Record<string, AwsService>
    cloudFormation: CloudFormation
  },
): void => {
  const { iam, activity, services, cloudFormation } = deps

  const call = async (target: string, body: string, accessKeyId: string, trace: string | undefined) => {
    const [prefix = '', action = ''] = target.split('.')
    const service = services[prefix]
    if (!service) throw notEmulated(target || 'a call without X-Amz-Target')
    const input = JSON.parse(body || '{}')
    const caller = iam.identify(accessKeyId)
    const needed = service.permissions(action, input)
    for (const each of needed) await iam.authorize(caller, each.action, each.resource)
    const about = {
      action,
      resources: needed.map(({ resource }) => resource),
      count: input.Entries?.length ?? 1,
    }
    activity.emit('happening', { type: 'aws-call', caller: caller.name, ...about })
    return json(200, await service.call(action, input, trace))
  }

  app.post<{ Headers: Record<string, string | undefined> }>('/', async ({ headers, body }, reply) => {
    const [, accessKeyId = '', service] = credential.exec(headers.authorization ?? '') ?? []
    const text = String(body ?? '')
    const { 'x-amz-target': target = '', 'x-amzn-trace-id': trace, 'content-type': type } = headers
    const failed = (error: unknown): HttpResponse => {
      if (!(error instanceof AwsError)) throw error
      return json(error.status, { __type: error.code, message: error.message, ...error.fields })
    }
    if (service === 'cloudformation') {
      const answer = cloudFormation(new URLSearchParams(text))
      return reply.code(answer.status).type('text/xml').send(answer.body)
    }
    const answer = await call(target, text, accessKeyId, trace).catch(failed)
    return reply
      .code(answer.status)
      .headers({ ...(type && { 'content-type': type }), 'x-amzn-requestid': randomUUID() })
      .send(answer.body)
  })
}
