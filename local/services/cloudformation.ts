import { randomUUID } from 'node:crypto'
import { arnOf } from './aws-service.ts'

/** A stack that was brought up, as CloudFormation describes it. */
export interface DeployedStack {
  name: string
  outputs: { key: string; value: string; exportName?: string | undefined }[]
  resources: { logicalId: string; physicalId: string; type: string }[]
}

type Xml = string | { [name: string]: Xml | Xml[] | undefined }

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const xml = (value: Xml): string =>
  typeof value === 'string'
    ? escapeXml(value)
    : Object.entries(value)
        .filter(([, content]) => content !== undefined)
        .map(([name, content]) =>
          Array.isArray(content)
            ? `<${name}>${content.map((each) => `<member>${xml(each)}</member>`).join('')}</${name}>`
            : `<${name}>${xml(content as Xml)}</${name}>`,
        )
        .join('')

/** CloudFormation's describing calls, by which tools find a queue's or a table's physical name. */
export const createCloudFormation = (stacks: DeployedStack[]) => {
  const createdAt = new Date().toISOString()
  const idOf = ({ name }: DeployedStack) => arnOf('cloudformation', `stack/${name}/local`)

  const describe = (stack: DeployedStack): Xml => ({
    StackName: stack.name,
    StackId: idOf(stack),
    CreationTime: createdAt,
    StackStatus: 'CREATE_COMPLETE',
    Outputs: stack.outputs.map(({ key, value, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      ExportName: exportName,
    })),
  })

  const resourcesOf = (stack: DeployedStack): Xml[] =>
    stack.resources.map(({ logicalId, physicalId, type }) => ({
      StackName: stack.name,
      StackId: idOf(stack),
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
      Timestamp: createdAt,
      LastUpdatedTimestamp: createdAt,
      ResourceStatus: 'CREATE_COMPLETE',
    }))

  /** Answers a call of the query protocol: a status, and XML. */
  return (query: URLSearchParams): { status: number; body: string } => {
    const action = query.get('Action') ?? ''
    const name = query.get('StackName')
    const found = stacks.filter((stack) => !name || stack.name === name || idOf(stack) === name)
    const results: Record<string, () => Xml> = {
      DescribeStacks: () => ({ Stacks: found.map(describe) }),
      DescribeStackResources: () => ({ StackResources: found.flatMap(resourcesOf) }),
      ListStackResources: () => ({ StackResourceSummaries: found.flatMap(resourcesOf) }),
    }
    const result = results[action]
    const RequestId = randomUUID()
    if (result && found.length)
      return {
        status: 200,
        body: xml({
          [`${action}Response`]: { [`${action}Result`]: result(), ResponseMetadata: { RequestId } },
        }),
      }
    const error = result
      ? { Type: 'Sender', Code: 'ValidationError', Message: `Stack with id ${name} does not exist` }
      : { Type: 'Sender', Code: 'InvalidAction', Message: `local/ does not emulate cloudformation:${action}` }
    return { status: 400, body: xml({ ErrorResponse: { Error: error, RequestId } }) }
  }
}
