import { runSimulation } from '@cloud-copilot/iam-simulate'
import * as z from 'zod'
import { AwsError, account, arnOf, type Deploy, resource } from './services/aws-service.ts'

/** Who calls: a function or a service with its role; without one, an operator who may do everything. */
export interface Caller {
  name: string
  roleArn?: string
}

/** One action on one resource that a role's policies allow. */
export interface Grant {
  role: string
  action: string
  resource: string
}

/** Judges calls by the template's policies, and remembers what was asked. */
export interface Iam {
  resources: Record<string, Deploy>
  /** Makes the access key by which a function is known. */
  accessKeyOf: (name: string, roleArn: string) => string
  identify: (accessKeyId: string) => Caller
  /** @throws {AwsError} AccessDeniedException, worded as AWS words it */
  authorize: (caller: Caller, action: string, resourceArn: string) => Promise<void>
  /** Whether a rule may send to a queue, by the queue's policy; if not, why. */
  maySend: (ruleArn: string, queueArn: string) => Promise<string | undefined>
  /** Whether an API may invoke a function, by its AWS::Lambda::Permission. */
  mayInvoke: (functionArn: string, sourceArn: string) => boolean
  /** Every grant with the question whether a call has needed it yet, and every call that was denied. */
  report: () => { unusedGrants: Grant[]; denied: Call[] }
}

/** What a caller asked for. */
export interface Call {
  caller: string
  action: string
  resource: string
}

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const statement = z.looseObject({ Effect: z.string(), Action: oneOrMore, Resource: oneOrMore })
const policyDocument = z.object({ Version: z.string(), Statement: z.array(statement) })
type Policy = z.output<typeof policyDocument>

const noEffect = z.unknown().optional()
const role = z.strictObject({
  AssumeRolePolicyDocument: noEffect,
  Description: noEffect,
  RoleName: z.string().optional(),
  Policies: z.array(z.object({ PolicyDocument: policyDocument })).default([]),
  Tags: noEffect,
})
const policy = z.strictObject({
  PolicyName: noEffect,
  PolicyDocument: policyDocument,
  Roles: z.array(z.string()),
})
const queuePolicy = z.strictObject({ PolicyDocument: policyDocument, Queues: z.array(z.string()) })
const permission = z.strictObject({
  Action: z.literal('lambda:InvokeFunction'),
  FunctionName: z.string(),
  Principal: z.literal('apigateway.amazonaws.com'),
  SourceArn: z.string(),
})

const matchesGlob = (glob: string, text: string) =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\$]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
    'i',
  ).test(text)

const roleNameOf = (roleArn: string) => roleArn.replace(/^.*:role\//, '')

/** IAM for the emulated account, evaluated by iam-simulate. Over plain HTTP aws:SecureTransport counts as true. */
export const createIam = (): Iam => {
  const callers = new Map<string, Caller>()
  const rolePolicies = new Map<string, Policy[]>()
  const queuePolicies = new Map<string, Policy[]>()
  const permissions: { functionArn: string; sourceArn: string }[] = []
  const decisions = new Map<string, Promise<boolean>>()
  const allowed = new Map<string, Call>()
  const denied = new Map<string, Call>()

  const add = (to: Map<string, Policy[]>, key: string, ...policies: Policy[]) =>
    to.set(key, [...(to.get(key) ?? []), ...policies])

  const decide = async (
    principal: string,
    identityPolicies: Policy[],
    action: string,
    resourceArn: string,
    sourceArn?: string,
  ): Promise<boolean> => {
    const resourcePolicies = queuePolicies.get(resourceArn)
    const result = await runSimulation(
      {
        request: {
          principal,
          action,
          resource: { resource: resourceArn, accountId: account },
          contextVariables: {
            'aws:SecureTransport': 'true',
            'aws:SourceAccount': account,
            ...(sourceArn && { 'aws:SourceArn': sourceArn }),
          },
        },
        identityPolicies: identityPolicies.map((document, i) => ({ name: String(i), policy: document })),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        ...(resourcePolicies && {
          resourcePolicy: {
            Version: '2012-10-17',
            Statement: resourcePolicies.flatMap(({ Statement }) => Statement),
          },
        }),
      },
      {},
    )
    return result.resultType !== 'error' && result.overallResult === 'Allowed'
  }

  /** Policies do not change once the stacks are up, and before that nobody calls: each question is judged once. */
  const judge = (key: string, decision: () => Promise<boolean>): Promise<boolean> => {
    const known = decisions.get(key) ?? decision()
    decisions.set(key, known)
    return known
  }

  return {
    accessKeyOf: (name, roleArn) => {
      const key = `LOCAL${String(callers.size + 1).padStart(15, '0')}`
      callers.set(key, { name, roleArn })
      return key
    },
    identify: (accessKeyId) => callers.get(accessKeyId) ?? { name: 'operator' },
    authorize: async (caller, action, resourceArn) => {
      const { name, roleArn } = caller
      if (!roleArn) return
      const roleName = roleNameOf(roleArn)
      const principal = `arn:aws:sts::${account}:assumed-role/${roleName}/${name}`
      const key = [principal, action, resourceArn].join(' ')
      const policies = rolePolicies.get(roleName) ?? []
      const ok = await judge(key, () => decide(principal, policies, action, resourceArn))
      const log = ok ? allowed : denied
      log.set(key, { caller: roleName, action, resource: resourceArn })
      if (ok) return
      console.error(`local: IAM denies ${name} ${action} on ${resourceArn}`)
      throw new AwsError(
        'AccessDeniedException',
        `User: ${principal} is not authorized to perform: ${action} on resource: ${resourceArn} because no identity-based policy allows the ${action} action`,
      )
    },
    maySend: async (ruleArn, queueArn) => {
      const service = 'events.amazonaws.com'
      const ok = await judge(`${ruleArn} ${queueArn}`, () =>
        decide(service, [], 'sqs:SendMessage', queueArn, ruleArn),
      )
      return ok ? undefined : `The policy of ${queueArn} does not let ${ruleArn} send messages.`
    },
    mayInvoke: (functionArn, sourceArn) =>
      permissions.some((each) => each.functionArn === functionArn && matchesGlob(each.sourceArn, sourceArn)),
    report: () => {
      const grants = [...rolePolicies].flatMap(([name, policies]) =>
        policies
          .flatMap(({ Statement }) => Statement)
          .filter(({ Effect }) => Effect === 'Allow')
          .flatMap(({ Action, Resource }) =>
            Action.flatMap((action) => Resource.map((on) => ({ role: name, action, resource: on }))),
          ),
      )
      const used = (grant: Grant) =>
        [...allowed.values()].some(
          (call) =>
            call.caller === grant.role &&
            matchesGlob(grant.action, call.action) &&
            matchesGlob(grant.resource, call.resource),
        )
      return { unusedGrants: grants.filter((grant) => !used(grant)), denied: [...denied.values()] }
    },
    resources: {
      'AWS::IAM::Role': resource(role, ({ RoleName, Policies }, { name }) => {
        const roleName = RoleName ?? name
        add(rolePolicies, roleName, ...Policies.map(({ PolicyDocument }) => PolicyDocument))
        return { ref: roleName, attributes: { Arn: `arn:aws:iam::${account}:role/${roleName}` } }
      }),
      'AWS::IAM::Policy': resource(policy, ({ PolicyDocument, Roles }, { name }) => {
        for (const roleName of Roles) add(rolePolicies, roleName, PolicyDocument)
        return { ref: name }
      }),
      'AWS::SQS::QueuePolicy': resource(queuePolicy, ({ PolicyDocument, Queues }, { name }) => {
        for (const url of Queues)
          add(queuePolicies, arnOf('sqs', url.split('/').at(-1) ?? ''), PolicyDocument)
        return { ref: name }
      }),
      'AWS::Lambda::Permission': resource(permission, ({ FunctionName, SourceArn }, { name }) => {
        permissions.push({ functionArn: FunctionName, sourceArn: SourceArn })
        return { ref: name }
      }),
    },
  }
}
