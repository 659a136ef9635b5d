import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import * as z from 'zod'
import { stepNames } from '../lambdas/domain/chain.ts'
import { limits } from '../lambdas/domain/limits.ts'
import { announcement } from '../lambdas/domain/outbox.ts'
import { routes } from '../lambdas/domain/routing.ts'
import { breaker, vendorTraits } from '../lambdas/runtime/step-worker-env.ts'
import type { Adapters } from '../vendors/adapters.ts'

const positive = z.int().positive()
/** SQS delays are in whole seconds: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
const wholeSeconds = positive.multipleOf(1000, 'must be whole seconds, since a queue waits in whole seconds')
const wholeMinutes = positive.multipleOf(
  60_000,
  'must be whole minutes, since a schedule runs in whole minutes',
)

const secureUrl = z.url().refine((url) => {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1'].includes(hostname))
}, 'must be https (plain http only on localhost)')

const words = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case words with hyphens')
/** Also the name of its lane and of its circuit. */
const vendorName = words.max(30).refine((name) => name !== announcement, 'is reserved for announcements')

const vendor = z.strictObject({
  /** The step of the chain whose orders it gets. */
  step: z.enum(stepNames),
  /** It gets no new orders, so no route may name it; its lane finishes those it has: docs/deploying.md. */
  retired: z.boolean().exactOptional(),
  /** Its documented requirements for an order, checked at the click. */
  limits: limits(),
  ...vendorTraits,
  /** The URL of its API, or `simulator` to deploy a simulator in its place. */
  url: z.union([z.literal('simulator'), secureUrl], 'must be https (plain http only on localhost)'),
  /** An existing secret with the vendor's credential; if not given, the stack creates one. */
  secretArn: z
    .string()
    .regex(/^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:.+-\w{6}$/, "must be a secret's complete ARN")
    .exactOptional(),
})

/** The most audiences that a JWT authorizer can have: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const maxClients = 50
/** More would not fit into the relay's environment (4 KB) or into an alarm (10 metrics). */
const maxVendors = 9
/** In characters, since create-order's whole environment is limited to 4 KB. */
const maxRouting = 3000

/** The settings of an environment. Times are in milliseconds unless the name says otherwise. */
const values = z.strictObject({
  /** Keeps data when a stack is deleted, and protects stacks from deletion: for the environment with real orders. */
  retainData: z.boolean(),
  logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
  logRetentionDays: z.enum(RetentionDays),
  /** How long a finished order is kept: READY_FOR_FULFILLMENT or CANCELLED. */
  orderRetentionDays: positive,
  eventArchiveDays: positive,
  /** Your own OpenID Connect issuer; if not given, the stack creates a Cognito user pool. */
  jwt: z
    .strictObject({
      issuer: secureUrl,
      audience: z.array(z.string().min(1)).min(1),
      ownerClaim: z.string().min(1).exactOptional(),
    })
    .exactOptional(),
  /** Clients of the stack's issuer: a shop (its name owns its orders), support (reads all), or a marketplace (names the shop). */
  clients: z
    .record(words.max(30), z.enum(['shop', 'support', 'marketplace']))
    .refine(
      (clients) => Object.keys(clients).length <= maxClients,
      `must be at most ${maxClients}: for more, use a marketplace or your own issuer`,
    ),
  /** API Gateway's limits for all callers together. */
  throttle: z.strictObject({ ratePerSecond: positive, burst: positive }),
  /** Instances of create-order that are kept warm; without it, an instance's first click waits for a cold start. */
  provisionedConcurrency: positive.exactOptional(),
  /** A new version of create-order first gets 10 % of the clicks for ten minutes, and an alarm rolls it back. */
  gradualRelease: z.boolean(),
  alarms: z.strictObject({
    /** Who is notified; without an email or webhook, subscribe to the alarm topic yourself. */
    email: z.email().exactOptional(),
    /** An https URL that accepts SNS messages and confirms the subscription, such as an incident tool's. */
    webhook: z.url({ protocol: /^https$/, error: 'must be https' }).exactOptional(),
    /** How long a vendor may be down before an alarm is raised. */
    vendorDownMinutes: positive,
    /** The URL of docs/runbook.md in your repository, for the links in the alarms. */
    runbookUrl: z.string().min(1),
  }),
  retry: z.strictObject({
    /** Waits between the attempts of one round, so there is one more attempt than waits. */
    delaysMs: z.array(wholeSeconds).min(1),
    /** How long an order may wait for a vendor in total before an operator gets it. */
    waitingLimitMs: positive,
  }),
  breaker: z.strictObject(breaker.shape).refine(({ openMs, maxOpenMs }) => openMs <= maxOpenMs, {
    path: ['maxOpenMs'],
    message: 'must not be less than openMs',
  }),
  outbox: z.strictObject({
    /** How long an event may take before the relay sends it again. */
    graceMs: positive,
    relayIntervalMs: wholeMinutes,
    /** How long the relay waits after its first, second, … sending of one event; the last one repeats. */
    backoffMs: z.array(positive).min(1),
    /** How many shards each consumer's outbox has: docs/scaling.md. It can only be increased. */
    shards: z.int().min(16, 'must be at least 16, since orders may be in any of the first 16 shards'),
  }),
  /** Each has its own lane: queue, worker, circuit, alarms. */
  vendors: z.record(
    vendorName,
    vendor.refine(({ ratePerSecond, concurrency }) => 60 * ratePerSecond >= concurrency, {
      path: ['ratePerSecond'],
      message: 'must allow each concurrent worker a call per minute, the longest wait for a turn',
    }),
  ),
  /** For each step, its routes: an order goes to the vendor of the first one whose conditions it meets. */
  routes: routes(),
})

const configSchema = (adapters: Adapters) =>
  values.superRefine(({ vendors, routes, retainData }, context) => {
    const refuse = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    const limits = Object.values(vendors).map((each) => each.limits)
    if (limits.length > maxVendors) refuse(['vendors'], `must be ${maxVendors} at most`)
    if (JSON.stringify([routes, limits]).length > maxRouting)
      refuse(['routes'], `must have, with all limits, ${maxRouting} characters of JSON at most`)
    for (const [name, { adapter, options, step, url, auth }] of Object.entries(vendors)) {
      const path = ['vendors', name]
      const { options: schema, step: own = step, simulated } = adapters[adapter] ?? {}
      if (schema === undefined)
        refuse([...path, 'adapter'], `must be one of ${Object.keys(adapters).join(', ')}`)
      if (own !== step) refuse([...path, 'adapter'], `is for vendors of ${own}, not of ${step}`)
      const canBeSimulated = simulated?.includes(step) && auth === 'bearer' && !retainData
      if (url === 'simulator' && !canBeSimulated)
        refuse([...path, 'url'], 'may be simulated only by the contract, with a bearer token, not in prod')
      for (const issue of schema?.safeParse(options).error?.issues ?? [])
        refuse([...path, 'options', ...issue.path], issue.message)
    }
    for (const step of stepNames)
      for (const [index, { when, vendor: name }] of routes[step].entries()) {
        const path = ['routes', step, index]
        if (vendors[name]?.step !== step) refuse(path, `names ${name}, which is not a vendor of this step`)
        if (vendors[name]?.retired) refuse(path, `names ${name}, which is retired`)
        if ((when === undefined) !== (index === routes[step].length - 1))
          refuse(path, 'must have conditions unless it is the last one, which must have none')
      }
  })

/** One environment's config, validated. */
export type Config = z.output<typeof values>
/** One environment's config as written, before validation. */
export type Values = z.input<typeof values>
/** One vendor's part of the config. */
export type VendorConfig = z.output<typeof vendor>

/** Validates an environment's config. Throws an error with one sentence per wrong, missing or unknown value. */
export function parseConfig(environment: string, values: unknown, adapters: Adapters): Config {
  const parsed = configSchema(adapters).safeParse(values)
  if (parsed.success) return parsed.data
  const sentences = parsed.error.issues.map((issue) => {
    const path = issue.path.join('.') || 'its top level'
    return issue.code === 'unrecognized_keys'
      ? `${path} has an unknown key: ${issue.keys.join(', ')}.`
      : `${path} is wrong or missing: ${issue.message}.`
  })
  throw new Error(`The config of "${environment}" cannot be used. ${sentences.join(' ')}`)
}
