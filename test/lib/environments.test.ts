import { expect, test } from '@jest/globals'
import { resolved } from './start-function.ts'
import { assetsOf, template, templateText } from './templates.ts'

type Environment = 'dev' | 'staging' | 'prod'

/** Every value of both templates by its path, without the environment's name and hashes of it. */
function leavesOf(environment: Environment): Map<string, unknown> {
  const leaves = new Map<string, unknown>()
  const visit = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) leaves.set(path, value)
    else
      for (const [key, child] of Object.entries(value))
        visit(key === 'VENDOR' ? JSON.parse(resolved(child)) : child, `${path}/${key}`)
  }
  for (const kind of ['stateful', 'stateless'] as const) {
    const text = templateText(environment, kind)
      .replaceAll(`create-order-${environment}`, 'create-order-ENV')
      .replaceAll(`CreateOrder/${environment}`, 'CreateOrder/ENV')
      // The bucket that its own bootstrap made.
      .replaceAll(/cdk-(hnb659fds|costaging|coprod)-/g, 'cdk-QUALIFIER-')
      .replaceAll(new RegExp(`createorder${environment}([A-Za-z]+?)[0-9A-F]{8}`, 'g'), 'createorderENV$1')
    visit(JSON.parse(text).Resources, '')
  }
  return leaves
}

/** The paths at which two environments differ. */
function differences(one: Environment, other: Environment): string[] {
  const [left, right] = [leavesOf(one), leavesOf(other)]
  return [...new Set([...left.keys(), ...right.keys()])].filter((path) => left.get(path) !== right.get(path))
}

/** Where each value of the config shows in a template. */
const shownBy = {
  environment: /^\/ObservabilityAlarms.*\/DisplayName$/,
  retainData: /\/(DeletionPolicy|UpdateReplacePolicy|DeletionProtection|DeletionProtectionEnabled)$/,
  logLevel: /\/Variables\/LOG_LEVEL$/,
  logRetentionDays: /\/RetentionInDays$/,
  orderRetentionDays: /\/Variables\/ORDER_RETENTION_DAYS$/,
  eventArchiveDays: /^\/BusArchive.*\/RetentionDays$/,
  throttle: /\/DefaultRouteSettings\/Throttling(Rate|Burst)Limit$/,
  provisionedConcurrency:
    /^\/Api(CreateOrderFunction(Aliaslive|CurrentVersion)|HttpApiPOSTordersCreateOrder)/,
  gradualRelease: /^\/ApiCreateOrder(GradualRelease|Version)/,
  'alarms.vendorDownMinutes': /^\/\w+WorkerVendorDown.*\/(Threshold|AlarmDescription)$/,
  'vendors.url': /\/Variables\/VENDOR\/url$/,
  // A lane of its own, and where lanes are listed.
  'vendors.easypost':
    /Easypost|^\/(ObservabilityDashboard|OutboxRelayRole|OutboxRelayUnresolved|OperatorsOperator)|\/Variables\/(LIMITS|ROUTES)$/,
  'vendors.ratePerSecond': /\/Variables\/(LANES\/|VENDOR\/ratePerSecond$)/,
}

test.each([
  {
    one: 'dev',
    other: 'staging',
    config: [
      ...['environment', 'logLevel', 'logRetentionDays', 'eventArchiveDays', 'throttle'],
      ...['vendors.ratePerSecond', 'vendors.easypost', 'vendors.url'],
    ],
  },
  {
    one: 'staging',
    other: 'prod',
    config: [
      ...['environment', 'retainData', 'logRetentionDays', 'orderRetentionDays', 'eventArchiveDays'],
      ...['throttle', 'provisionedConcurrency', 'gradualRelease', 'alarms.vendorDownMinutes', 'vendors.url'],
    ],
  },
])('$one and $other differ where their config differs, and nowhere else', ({ one, other, config }) => {
  const paths = differences(one as Environment, other as Environment)
  const shown = config.map((name) => shownBy[name as keyof typeof shownBy])
  for (const where of shown) expect(paths).toContainEqual(expect.stringMatching(where))
  expect(paths.filter((path) => !shown.some((where) => where.test(path)))).toEqual([])
})

test.each<Environment>(['dev', 'staging', 'prod'])(
  'the functions of %s emit metrics of its own, and its alarms and dashboard know no others',
  (environment) => {
    const text = templateText(environment, 'stateless')
    const namespaces = [...text.matchAll(/CreateOrder(?:\/\w+)?(?=\\?")/g)].map(([namespace]) => namespace)

    expect(new Set(namespaces)).toEqual(new Set([`CreateOrder/${environment}`]))
  },
)

test.each([
  ['dev', 'hnb659fds'],
  ['staging', 'costaging'],
  ['prod', 'coprod'],
  ['adopted', 'coprod'],
] as const)('%s is deployed by the roles of its own bootstrap, %s', (assembly, qualifier) => {
  for (const kind of ['stateful', 'stateless'] as const)
    template(assembly, kind).hasParameter('BootstrapVersion', {
      Default: `/cdk-bootstrap/${qualifier}/version`,
    })
})

test('every environment, at any speed, runs the same code', () => {
  for (const assembly of ['staging', 'prod', 'fast'] as const)
    expect(assetsOf(assembly)).toEqual(assetsOf('dev'))
})
