import type { HttpResponse } from '../http.ts'
import { AwsError, arnOf, type Deployed, type Resource } from './aws-service.ts'

/** A deployed resource of a template. */
export interface DeployedResource extends Resource, Deployed {
  type: string
}

/** A deployed stack, as CloudFormation describes it. */
export interface DeployedStack {
  name: string
  outputs: { OutputKey: string; OutputValue: string }[]
  resources: { LogicalResourceId: string; PhysicalResourceId: string; ResourceType: string }[]
  /** The resources that are emulated, in the order of their creation. */
  parts: DeployedResource[]
}

/** Handles a call of the query protocol. */
export type CloudFormation = ReturnType<typeof createCloudFormation>

type Xml = string | undefined | Xml[] | { [name: string]: Xml }

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

const xml = (value: Xml): string => {
  if (value === undefined) return ''
  if (typeof value === 'string') return value.replace(/[&<>]/g, (character) => escapes[character] ?? '')
  if (Array.isArray(value)) return value.map((member) => xml({ member })).join('')
  return Object.entries(value).reduce((text, [name, each]) => `${text}<${name}>${xml(each)}</${name}>`, '')
}

const answer = (status: number, value: Xml): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(xml(value)),
})

/** An error response of the query protocol. */
export const queryError = ({ status, code: Code, message: Message }: AwsError): HttpResponse =>
  answer(status, { ErrorResponse: { Error: { Code, Message } } })

export const stackIdOf = (name: string): string => arnOf('cloudformation', `stack/${name}/local`)

/** The form of an HTTP API's URL in the CDK's outputs. */
const apiUrl = /^https:\/\/\w+\.execute-api\.[^/]+\//

/**
 * CloudFormation's read calls, by which tools find the physical names of queues and tables. `url` replaces the API's
 * execute-api URL in the outputs.
 */
export const createCloudFormation = (stacks: DeployedStack[], url: string) => {
  const now = new Date().toISOString()
  const heading = ({ name }: DeployedStack) => ({ StackName: name, StackId: stackIdOf(name) })
  const status = { StackStatus: 'CREATE_COMPLETE', CreationTime: now }
  const resourceStatus = { ResourceStatus: 'CREATE_COMPLETE', Timestamp: now, LastUpdatedTimestamp: now }
  const local = ({ OutputValue, ...output }: DeployedStack['outputs'][number]) => ({
    ...output,
    OutputValue: OutputValue.replace(apiUrl, url),
  })
  const stacksOf = (found: DeployedStack[]) =>
    found.map((stack) => ({ ...heading(stack), ...status, Outputs: stack.outputs.map(local) }))
  const resourcesOf = (found: DeployedStack[]) =>
    found.flatMap((stack) =>
      stack.resources.map((each) => ({ ...heading(stack), ...each, ...resourceStatus })),
    )
  const results: Record<string, (found: DeployedStack[]) => Xml> = {
    DescribeStacks: (found) => ({ Stacks: stacksOf(found) }),
    ListStackResources: (found) => ({ StackResourceSummaries: resourcesOf(found) }),
  }

  return (query: URLSearchParams): HttpResponse => {
    const [action, name] = [query.get('Action') ?? '', query.get('StackName')]
    const found = stacks.filter((stack) => !name || stack.name === name || stackIdOf(stack.name) === name)
    const result = results[action]
    if (result && found.length)
      return answer(200, { [`${action}Response`]: { [`${action}Result`]: result(found) } })
    const message = result ? `Stack with id ${name} does not exist` : `local/ does not emulate ${action}`
    return queryError(new AwsError('ValidationError', message))
  }
}
