/** Has a handler of POST /orders place a real order in a process of its own, and prints what it wrote, published and answered. */
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { requests } from '../../bench/floor/events.ts'
import { stubAws } from '../../bench/floor/stub-aws.ts'

const sent: Record<string, string> = {}
stubAws((action, body) => {
  sent[action] = body
  return action === 'PutEvents' ? { FailedEntryCount: 0, Entries: [{ EventId: '1' }] } : {}
})
const { handler } = await import(process.argv[2] ?? '')
const log: string[] = []
const { write } = process.stdout
process.stdout.write = (line: string | Uint8Array) => log.push(String(line)) > 0
const { statusCode, headers, body } = await handler(requests(1)[0], { awsRequestId: 'test' })
process.stdout.write = write
const [entry] = JSON.parse(sent.PutEvents ?? '{}').Entries
const stored = unmarshall(JSON.parse(sent.PutItem ?? '{}').Item)
const answer = { statusCode, headers, body: JSON.parse(body) }
console.log(JSON.stringify({ stored, entry: { ...entry, Detail: JSON.parse(entry.Detail) }, answer }))
