/** How a company with a bus, a network and a user pool of its own takes the pipeline in: docs/migrating.md. */
import { App, Stack, Validations } from 'aws-cdk-lib'
import { HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { UserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito'
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { AwsSolutionsChecks } from 'cdk-nag'
import { loadSettings } from '../../bin/environments.ts'
import cdkJson from '../../cdk.json' with { type: 'json' }
import { bundleFunctions } from '../../lib/functions/bundle.ts'
import { StatefulStack } from '../../lib/stateful-stack.ts'
import { StatelessStack } from '../../lib/stateless-stack.ts'

const app = new App({ context: cdkJson.context })
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

const prod = loadSettings('prod')
// Its orders come by the thousand a second: docs/scaling.md.
const settings = { ...prod, outbox: { ...prod.outbox, shards: 64 } }
const name = 'create-order-prod'
const data = new StatefulStack(app, `${name}-stateful`, {
  settings,
  bus,
  jwt: {
    issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abcdefghi',
    audience: [client.userPoolClientId],
  },
})
new StatelessStack(app, `${name}-stateless`, {
  settings,
  data,
  network: { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS }, securityGroups: [outbound] },
  authorizer: new HttpUserPoolAuthorizer('CompanyAuthorizer', pool, { userPoolClients: [client] }),
})
Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
