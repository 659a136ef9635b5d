import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import packageJson from '../../package.json' with { type: 'json' }

const root = join(import.meta.dirname, '..', '..')
/** The names that a module exports from others, or declares. */
function namesOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const lists = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    list.split(','),
  )
  const declared = [...text.matchAll(/export (?:async )?(?:function|const|interface) (\w+)/g)].map(
    ([, name = '']) => name,
  )
  const listed = lists.map((each) => each.replace(/\btype\b/, '').trim()).filter(Boolean)
  return [...listed, ...declared].sort()
}

test('the public names are these, and a change of them is a change of the version', () => {
  const names = Object.entries(packageJson.exports).map(([entry, file]) => [entry, namesOf(file)] as const)

  expect(Object.fromEntries(names)).toEqual({
    '.': [
      ...['Adapters', 'JwtIssuer', 'Listener', 'ListenerProps', 'Network', 'Observability', 'OrderPipeline'],
      ...['OrderPipelineProps', 'OrderTable', 'OrdersApi', 'OutboxRelay', 'Overrides', 'PartProps'],
      ...['QueueWorker', 'QueueWorkerProps', 'ServiceFunction', 'Settings', 'StatefulStack'],
      ...['StatefulStackProps', 'StatelessStack', 'StatelessStackProps', 'StepWorker', 'TokenIssuer'],
      ...['Values', 'adapters', 'bundleFunctions', 'contextOf', 'createApp', 'defaults', 'settingsOf'],
      'vendorDefaults',
    ],
    './lambdas': [
      ...['Blame', 'CreateClient', 'DetailType', 'EventDetail', 'EventHandlers', 'Meaning', 'Order'],
      ...['OrderStatus', 'Reason', 'Reply', 'StepName', 'VendorClient', 'VendorCodes', 'VendorFacts'],
      ...['VendorHttp', 'VendorJob', 'classifyReply', 'createAmazonMcfClient', 'createEasyPostClient'],
      ...['createListener', 'createListenerDeps', 'createLogisticsClient', 'createStepWorker'],
      ...['createStepWorkerDeps', 'createVendorClient', 'createWmsClient', 'eventDetails', 'isVendorCode'],
      ...['linkOf', 'parseEnv', 'text', 'visibleText', 'weightOf'],
    ],
    './local': [
      ...['Answer', 'Call', 'CreateProtocol', 'FakeApi', 'Faults', 'Later', 'LocalVendor', 'VendorHost'],
      ...['VendorProtocol', 'VendorRecord', 'contract', 'easyPost', 'fakeOf'],
    ],
    './steps': ['OwnStep', 'OwnSteps', 'addStep'],
    './testing': [
      ...['AdapterTest', 'ContractReport', 'ContractTest', 'Promises', 'Sandbox', 'contractOf'],
      'surviveEveryCrash',
    ],
  })
})

test('every public module says what it is for', () => {
  for (const file of Object.values(packageJson.exports))
    expect(readFileSync(join(root, file), 'utf8')).toMatch(/^\/\*\*|\n\/\*\*/)
})
