import { expect, test } from '@jest/globals'
import { resolvedVariables } from './start-function.ts'
import { nameOf, type Resource, resources, template } from './templates.ts'

const functions = (['stateless', 'vendors'] as const).flatMap((kind) =>
  resources('dev', kind, 'AWS::Lambda::Function'),
)
const functionOf = (name: string) =>
  functions.find(
    ([, { Properties }]) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME === name,
  ) as [string, Resource]

test.each([
  ['carrier', 'logistics', 'LogisticsCarrierSecret'],
  ['warehouse', 'wms', 'WmsWarehouseSecret'],
])(
  "dev's %s is a simulator of its step, called at its URL, with the same credential",
  (vendor, step, secret) => {
    const [simulatorId, simulator] = functionOf(`${vendor}-simulator`)
    const [, worker] = functionOf(vendor)
    const { VENDOR, VENDOR_SECRET_ARN } = worker.Properties.Environment.Variables
    const variables = simulator.Properties.Environment.Variables

    expect(variables).toMatchObject({ VENDOR_NAME: vendor, STEP: step, VENDOR_SECRET_ARN })
    expect(nameOf(VENDOR_SECRET_ARN)).toBe(secret)
    expect(nameOf(variables.TABLE_NAME)).toBe('Table')
    const [urlId] = resources('dev', 'vendors', 'AWS::Lambda::Url').find(
      ([, { Properties }]) => Properties.TargetFunctionArn['Fn::GetAtt'][0] === simulatorId,
    ) as [string, Resource]
    expect(JSON.stringify(VENDOR)).toMatch(
      new RegExp(
        `"StackName":"create-order-dev-vendors".*"OutputName":"PublishOutputFnGetAtt${urlId}FunctionUrl`,
      ),
    )
    expect(JSON.parse(resolvedVariables({ VENDOR }).VENDOR ?? '')).toMatchObject({ url: 'stand-in' })
  },
)

test('a simulator takes calls of everybody, by its URL only, since it asks for the credential itself', () => {
  const grants = resources('dev', 'vendors', 'AWS::Lambda::Permission')
    .map(([, { Properties }]) => Properties)
    .filter(({ Principal }) => Principal === '*')

  expect(grants).toHaveLength(4)
  for (const grant of grants)
    expect(grant).toMatchObject(
      grant.Action === 'lambda:InvokeFunctionUrl'
        ? { FunctionUrlAuthType: 'NONE' }
        : { Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
    )
})

test('a simulator may read and write its table, whose items expire, and read its secret', () => {
  const statements = resources('dev', 'vendors', 'AWS::IAM::Policy')
    .filter(([id]) => id.startsWith('Carrier'))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) =>
      [Action].flat().map((action) => `${action} ${JSON.stringify(Resource)}`),
    )

  expect(statements).toEqual([
    expect.stringMatching(/^logs:CreateLogStream .*CarrierLogs/),
    expect.stringMatching(/^logs:PutLogEvents .*CarrierLogs/),
    'xray:PutTelemetryRecords "*"',
    'xray:PutTraceSegments "*"',
    expect.stringMatching(/^dynamodb:GetItem .*"Table/),
    expect.stringMatching(/^dynamodb:PutItem .*"Table/),
    expect.stringMatching(/^dynamodb:Query .*"Table/),
    expect.stringMatching(/^secretsmanager:GetSecretValue .*LogisticsCarrierSecret/),
  ])
  const [[, table]] = resources('dev', 'vendors', 'AWS::DynamoDB::Table') as [[string, Resource]]
  expect(table).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: { TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true } },
  })
})

test('the deployment of dev ends with the command that places an order', () => {
  template('dev', 'stateless').hasOutput('PlaceAnOrder', { Value: 'npx orderctl demo --env dev' })
})

test.each(['staging', 'prod', 'fast'] as const)(
  'nothing is simulated in %s, which has vendors elsewhere',
  (assembly) => {
    const text = JSON.stringify(template(assembly, 'stateless').toJSON())
    expect(text).not.toMatch(/Simulator|PlaceAnOrder|simulator/)
  },
)
