import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, buildSync } from 'esbuild'

/** Imports of the SDK's clients, each with one command. */
const dynamoDb = "import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'"
const eventBridge = "import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'"
const sqs = "import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs'"
const secrets =
  "import { SecretsManagerClient, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'"

/** The functions, and the stock SDK clients that each needs. */
export const clientsOf: Record<string, readonly string[]> = {
  'create-order': [dynamoDb, eventBridge],
  'get-order': [dynamoDb],
  'list-orders': [dynamoDb],
  'cancel-order': [dynamoDb, eventBridge],
  'correct-order': [dynamoDb],
  'logistics-worker': [dynamoDb, eventBridge, sqs, secrets],
  'wms-worker': [dynamoDb, eventBridge, sqs, secrets],
  'outbox-relay': [dynamoDb, eventBridge, sqs],
}

/** Target: the size of create-order's bundle relative to one of the stock clients alone. */
export const shareOfStock = 0.82

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, 'dist', 'bench')

/** The options of lib/functions/bundle.ts with the whole SDK: what a careful team has without lib/slim-sdk. */
const stockBundle = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'error',
} satisfies BuildOptions

/** A bundle with nothing but the clients. */
export function bundleStockClients(name: string): string {
  const outfile = join(folder, `stock-${name}.cjs`)
  const imports = clientsOf[name] ?? []
  const names = imports.flatMap((line) => /\{ (.*), (.*) \}/.exec(line)?.slice(1, 3) ?? [])
  const clients = names.filter((each) => each.endsWith('Client'))
  const commands = names.filter((each) => each.endsWith('Command'))
  const contents = `${imports.join('\n')}
export const clients = [${clients.map((client) => `new ${client}({})`).join(', ')}]
export const commands = [${commands.join(', ')}]`
  buildSync({ ...stockBundle, outfile, stdin: { contents, resolveDir: root } })
  return outfile
}

/** A bundle of one of the bare handlers here, with stock clients. */
export function bundleBare(name: string): string {
  const outfile = join(folder, `${name}.cjs`)
  buildSync({ ...stockBundle, outfile, entryPoints: [join(import.meta.dirname, `${name}.ts`)] })
  return outfile
}

/** An empty bundle, to measure the overhead of measuring. */
export function bundleNothing(): string {
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, 'nothing.cjs')
  writeFileSync(outfile, '')
  return outfile
}

/** A function's own bundle, as it is deployed. */
export const ownBundle = (name: string): string => join(root, 'dist', name, `${name}.cjs`)
