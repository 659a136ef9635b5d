/**
 * How a company takes the pipeline in with what it has: docs/migrating.md. `-c own=…` names what that is, of bus,
 * network, issuer and secrets; `-c env=…` may be a second environment of the kind of dev, too.
 */
import { Stack, Validations } from 'aws-cdk-lib'
import { HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { UserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito'
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { AwsSolutionsChecks } from 'cdk-nag'
import { loadSettings } from '../../bin/environments.ts'
import { mapValues } from '../../lib/names.ts'
import { bundleFunctions, createApp, OrderPipeline } from '../../package/index.ts'

const app = createApp()
await bundleFunctions()

const existing = new Stack(app, 'existing')
const bus = EventBus.fromEventBusArn(
  existing,
  'CompanyBus',
  'arn:aws:events:eu-central-1:111122223333:event-bus/company',
)
const pool = UserPool.fromUserPoolId(existing, 'CompanyPool', 'eu-central-1_abcdefghi')
const client = UserPoolClient.fromUserPoolClientId(existing, 'CompanyClient', 'companyclient')
const vpc = Vpc.fromVpcAttributes(existing, 'CompanyVpc', {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-central-1a', 'eu-central-1b'],
  privateSubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
  privateSubnetRouteTableIds: ['rtb-0aaaaaaaaaaaaaaaa', 'rtb-0bbbbbbbbbbbbbbbb'],
})
const outbound = new SecurityGroup(existing, 'Outbound', { vpc })
const secretOf = (vendor: string) =>
  `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${vendor}-key-AbCdEf`

const contextOf = (name: string): string => app.node.getContext(name)
const [environment, own] = [contextOf('env'), contextOf('own').split(' ')]
const has = (part: string) => own.includes(part)
const settings = { ...loadSettings(environment === 'dev2' ? 'dev' : environment), environment }
const secrets = mapValues(settings.vendors, (vendor, name) => ({ ...vendor, secretArn: secretOf(name) }))
new OrderPipeline(app, {
  // Orders come by the thousand a second: docs/scaling.md.
  settings: {
    ...settings,
    outbox: { ...settings.outbox, shards: 64 },
    ...(has('secrets') && { vendors: secrets }),
  },
  ...(has('bus') && { bus }),
  ...(has('network') && {
    network: { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS }, securityGroups: [outbound] },
  }),
  ...(has('issuer') && {
    jwt: {
      issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abcdefghi',
      audience: [client.userPoolClientId],
    },
    authorizer: new HttpUserPoolAuthorizer('CompanyAuthorizer', pool, { userPoolClients: [client] }),
  }),
})
Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
