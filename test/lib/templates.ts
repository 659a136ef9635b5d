import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import { assemblies, assemblyFolder } from './synth.ts'

type Assembly = keyof typeof assemblies
type StackKind = 'stateful' | 'stateless' | 'vendors'

/** A resource as it is in a template. */
export interface Resource {
  Type: string
  // biome-ignore lint/suspicious/noExplicitAny: a template's properties have no type, and tests compare them
  Properties: any
  DeletionPolicy?: string
  UpdateReplacePolicy?: string
}

/** The template's text. */
export const templateText = (assembly: Assembly, kind: StackKind): string =>
  readFileSync(
    join(assemblyFolder(assembly), `create-order-${assemblies[assembly].env}-${kind}.template.json`),
    'utf8',
  )

/** The template, to assert on. */
export const template = (assembly: Assembly, kind: StackKind): Template =>
  Template.fromJSON(JSON.parse(templateText(assembly, kind)))

/** The template's resources of one type, by logical id. */
export const resources = (assembly: Assembly, kind: StackKind, type: string): [string, Resource][] =>
  Object.entries(template(assembly, kind).findResources(type)) as [string, Resource][]

/** The logical id in a Ref, a GetAtt or an output of the stateful stack, without the hash at its end. */
export function nameOf(reference: Record<string, unknown>): string {
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::GetStackOutput': output } = reference
  const { OutputName } = (output ?? {}) as { OutputName?: string }
  const text = Ref ?? (Array.isArray(attribute) ? attribute[0] : undefined) ?? OutputName
  if (typeof text !== 'string') throw new Error(`Not a reference: ${JSON.stringify(reference)}`)
  return text
    .replace(/^PublishOutput(Ref|FnGetAtt)/, '')
    .replace(/(Arn|ProviderURL)?[0-9A-F]{8}$/, '')
    .replace(/[0-9A-F]{8}$/, '')
}

/** The hash of each function's code, by the function's handler. */
export const assetsOf = (assembly: Assembly): Record<string, string> =>
  Object.fromEntries(
    resources(assembly, 'stateless', 'AWS::Lambda::Function').map(([, { Properties }]) => [
      Properties.Handler,
      Properties.Code.S3Key,
    ]),
  )
