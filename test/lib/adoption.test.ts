import { expect, test } from '@jest/globals'
import { resources, template } from './templates.ts'

const companyBus = 'arn:aws:events:eu-central-1:111122223333:event-bus/company'
const functions = resources('adopted', 'stateless', 'AWS::Lambda::Function')

test('an existing bus is the one that rules listen to, functions publish to and the archive keeps', () => {
  template('adopted', 'stateful').resourceCountIs('AWS::Events::EventBus', 0)
  template('adopted', 'stateful').hasResourceProperties('AWS::Events::Archive', {
    SourceArn: companyBus,
    EventPattern: { source: ['orders'] },
  })
  template('adopted', 'stateless').allResourcesProperties('AWS::Events::Rule', { EventBusName: 'company' })
  const statements = resources('adopted', 'stateless', 'AWS::IAM::Policy').flatMap(
    ([, { Properties }]) => Properties.PolicyDocument.Statement,
  )
  const publishing = statements.filter(({ Action }) => [Action].flat().includes('events:PutEvents'))
  expect(publishing).not.toHaveLength(0)
  for (const { Resource } of publishing) expect(Resource).toBe(companyBus)
})

test("operators' tools find an existing bus by the stack's output, as they find one of its own", () => {
  const busOf = (assembly: 'adopted' | 'prod') =>
    template(assembly, 'stateful').toJSON().Outputs.BusName.Value

  expect(busOf('prod')).toEqual({ Ref: expect.stringMatching(/^Bus/) })
  expect(JSON.stringify(busOf('adopted'))).not.toContain('"Ref":"Bus')
})

test('in an existing network every function runs in its subnets and security groups', () => {
  expect(functions).not.toHaveLength(0)
  for (const [, { Properties }] of functions) {
    expect(Properties.VpcConfig).toEqual({
      SubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
      SecurityGroupIds: [
        {
          'Fn::GetStackOutput': expect.objectContaining({
            StackName: 'existing',
            OutputName: expect.stringContaining('Outbound'),
          }),
        },
      ],
    })
  }
  template('adopted', 'stateless').resourceCountIs('AWS::EC2::SecurityGroup', 0)
})

test("in a network each function's role lets Lambda make its network interfaces", () => {
  const policies = resources('adopted', 'stateless', 'AWS::IAM::Policy')
  for (const [, { Properties }] of functions) {
    const role = Properties.Role['Fn::GetAtt'][0]
    const actions = policies
      .filter(([, policy]) => policy.Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role))
      .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement)
      .flatMap(({ Action }) => Action)
    expect(actions).toEqual(
      expect.arrayContaining(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface']),
    )
  }
})

test('an existing user pool is the one whose tokens count, and no other is made', () => {
  template('adopted', 'stateful').resourceCountIs('AWS::Cognito::UserPool', 0)
  const [[id]] = resources('adopted', 'stateless', 'AWS::ApiGatewayV2::Authorizer') as [[string, never]]
  template('adopted', 'stateless').hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
    Name: 'CompanyAuthorizer',
    JwtConfiguration: { Audience: ['companyclient'] },
  })
  template('adopted', 'stateless').allResourcesProperties('AWS::ApiGatewayV2::Route', {
    AuthorizationType: 'JWT',
    AuthorizerId: { Ref: id },
  })
})

test('the tables are the same as without anything that exists', () => {
  const tables = (assembly: 'adopted' | 'prod') =>
    resources(assembly, 'stateful', 'AWS::DynamoDB::Table').map(([id, { Properties }]) => [
      id,
      { ...Properties, Tags: undefined },
    ])
  expect(tables('adopted')).toEqual(tables('prod'))
})
