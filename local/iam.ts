import { randomBytes } from 'node:crypto'
import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate'
import * as z from 'zod'
import { AwsError, account, arnOf, nameOf, resource } from './services/aws-service.ts'

/** Evaluates calls against the templates' policies, and records which grants were used. */
export type Iam = ReturnType<typeof createIam>

/** A function or service with its role; a caller without a role is the operator, who has all permissions. */
export interface Caller {
  name: string
  roleArn?: string
}

/** The credentials that a caller signs requests with. */
export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

type KnownCaller = Caller & { credentials: Credentials }

/** The user of the AWS CLI or `orderctl` against the emulated account. `npm start` prints the credentials. */
export const operator = {
  name: 'operator',
  credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
} satisfies KnownCaller

/** One action on one resource, as granted to a role or requested by it. */
interface Permission {
  role: string
  action: string
  resource: string
}

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())])
const statement = z.looseObject({ Effect: z.enum(['Allow', 'Deny']), Action: oneOrMore, Resource: oneOrMore })
const policyDocument = z.object({ Version: z.string(), Statement: z.array(statement) })
type Policy = z.output<typeof policyDocument>

const lambdaPermission = {
  Action: z.literal('lambda:InvokeFunction'),
  FunctionName: z.string(),
  Principal: z.literal('apigateway.amazonaws.com'),
  SourceArn: z.string(),
}

/** On AWS, Lambda itself makes these calls with the function's role; the emulator does not make them. */
const notObservable = /^(logs|xray):/

const matches = (glob: string, text: string) => {
  const pattern = glob.replace(/[^\w*]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${pattern}$`, 'i').test(text)
}

/** IAM of the emulated account, evaluated by iam-simulate. */
export const createIam = () => {
  const callers = new Map<string, KnownCaller>([[operator.credentials.accessKeyId, operator]])
  const rolePolicies = new Map<string, { role: string; policy: Policy }[]>()
  const queuePolicies: { queueArn: string; policy: Policy }[] = []
  const lambdaPermissions: { functionArn: string; sourceArn: string }[] = []
  const decisions = new Map<string, Promise<boolean>>()
  const policiesOf = () => [...rolePolicies.values()].flat()
  const allowed = new Map<string, Permission>()
  const denied = new Map<string, Permission>()

  const evaluate = async (
    request: Pick<Simulation['request'], 'principal' | 'action'>,
    { resourceArn, sourceArn, policies }: { resourceArn: string; sourceArn?: string; policies: Policy[] },
  ): Promise<boolean> => {
    const onQueue = queuePolicies.filter(({ queueArn }) => queueArn === resourceArn)
    const Statement = onQueue.flatMap(({ policy }) => policy.Statement)
    const contextVariables = {
      // The endpoint uses plain HTTP, so the queues' enforceSSL policies would deny every call.
      'aws:SecureTransport': 'true',
      'aws:SourceAccount': account,
      ...(sourceArn && { 'aws:SourceArn': sourceArn }),
    }
    const result = await runSimulation(
      {
        request: { ...request, resource: { resource: resourceArn, accountId: account }, contextVariables },
        identityPolicies: policies.map((policy, i) => ({ name: String(i), policy })),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        ...(Statement.length && { resourcePolicy: { Version: '2012-10-17', Statement } }),
      },
      {},
    )
    return result.resultType !== 'error' && result.overallResult === 'Allowed'
  }

  /** Caches each decision until a policy changes. */
  const once = (question: string, decide: () => Promise<boolean>): Promise<boolean> => {
    const decision = decisions.get(question) ?? decide()
    decisions.set(question, decision)
    return decision
  }

  return {
    /** Creates a function's credentials, with the same lengths as on Lambda. */
    credentialsOf: (name: string, roleArn: string): Required<Credentials> => {
      const credentials = {
        accessKeyId: `LOCAL${String(callers.size).padStart(15, '0')}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(96).toString('base64'),
      }
      callers.set(credentials.accessKeyId, { name, roleArn, credentials })
      return credentials
    },
    identify: (accessKeyId: string): KnownCaller | undefined => callers.get(accessKeyId),
    /** @throws {AwsError} AccessDeniedException, worded as AWS words it */
    authorize: async ({ name, roleArn }: Caller, action: string, resourceArn: string): Promise<void> => {
      if (!roleArn) return
      const role = nameOf(roleArn)
      const principal = `arn:aws:sts::${account}:assumed-role/${role}/${name}`
      const question = `${principal} ${action} ${resourceArn}`
      const policies = policiesOf().flatMap((each) => (each.role === role ? [each.policy] : []))
      const ok = await once(question, () => evaluate({ principal, action }, { resourceArn, policies }))
      const record = ok ? allowed : denied
      record.set(question, { role, action, resource: resourceArn })
      if (ok) return
      const why = `because no identity-based policy allows the ${action} action`
      const message = `User: ${principal} is not authorized to perform: ${action} on resource: ${resourceArn} ${why}`
      throw new AwsError('AccessDeniedException', message)
    },
    /** Whether a queue's policy allows a rule to send to it: resolves to undefined if so, or else to the reason. */
    maySend: async (ruleArn: string, queueArn: string): Promise<string | undefined> => {
      const request = { principal: 'events.amazonaws.com', action: 'sqs:SendMessage' }
      const about = { resourceArn: queueArn, sourceArn: ruleArn, policies: [] }
      const ok = await once(`${ruleArn} ${queueArn}`, () => evaluate(request, about))
      return ok ? undefined : `The policy of ${queueArn} does not let ${ruleArn} send messages to it.`
    },
    mayInvoke: (functionArn: string, sourceArn: string): boolean =>
      lambdaPermissions.some(
        (each) => each.functionArn === functionArn && matches(each.sourceArn, sourceArn),
      ),
    /** The grants that no call has used yet, and the denied calls. */
    report: () => {
      const grants = policiesOf()
        .flatMap(({ role, policy }) => policy.Statement.map((each) => ({ role, ...each })))
        .filter(({ Effect }) => Effect === 'Allow')
        .flatMap(({ role, Action, Resource }) =>
          Action.flatMap((action) => Resource.map((on): Permission => ({ role, action, resource: on }))),
        )
      const isUsed = ({ role, action, resource }: Permission) =>
        [...allowed.values()].some(
          (call) => call.role === role && matches(action, call.action) && matches(resource, call.resource),
        )
      const unusedGrants = grants.filter((grant) => !notObservable.test(grant.action) && !isUsed(grant))
      return { unusedGrants, denied: [...denied.values()] }
    },
    resources: {
      'AWS::IAM::Role': resource({}, 'AssumeRolePolicyDocument', (_properties, { name }) => ({
        ref: name,
        attributes: { Arn: `arn:aws:iam::${account}:role/${name}` },
      })),
      'AWS::IAM::Policy': resource(
        { PolicyDocument: policyDocument, Roles: z.array(z.string()) },
        'PolicyName',
        ({ PolicyDocument: policy, Roles }, { name }) => {
          const roles = Roles.map((role) => ({ role, policy }))
          rolePolicies.set(name, roles)
          decisions.clear()
          return { ref: name }
        },
      ),
      'AWS::SQS::QueuePolicy': resource(
        { PolicyDocument: policyDocument, Queues: z.array(z.string()) },
        '',
        ({ PolicyDocument: policy, Queues }, { name }) => {
          queuePolicies.push(...Queues.map((url) => ({ queueArn: arnOf('sqs', nameOf(url)), policy })))
          return { ref: name }
        },
      ),
      'AWS::Lambda::Permission': resource(lambdaPermission, '', (properties, { name }) => {
        const { FunctionName: functionArn, SourceArn: sourceArn } = properties
        lambdaPermissions.push({ functionArn, sourceArn })
        return { ref: name }
      }),
    },
  }
}
