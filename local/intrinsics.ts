/** What a template's intrinsics can refer to. */
export interface Scope {
  ref: (name: string) => unknown
  getAtt: (logicalId: string, attribute: string) => unknown
  stackOutput: (reference: { StackName: string; OutputName: string }) => unknown
}

const noValue = Symbol('AWS::NoValue')

const intrinsics: Record<string, (argument: never, scope: Scope) => unknown> = {
  Ref: (name: string, { ref }) => (name === 'AWS::NoValue' ? noValue : ref(name)),
  'Fn::GetAtt': ([logicalId, attribute]: [string, string], { getAtt }) => getAtt(logicalId, attribute),
  'Fn::GetStackOutput': (reference: Parameters<Scope['stackOutput']>[0], { stackOutput }) =>
    stackOutput(reference),
  'Fn::Select': async ([index, parts]: [number, unknown], scope) =>
    ((await resolve(parts, scope)) as unknown[])[index],
  'Fn::Split': async ([separator, text]: [string, unknown], scope) =>
    String(await resolve(text, scope)).split(separator),
  'Fn::Join': async ([separator, parts]: [string, unknown[]], scope) =>
    ((await resolve(parts, scope)) as unknown[]).join(separator),
  'Fn::Sub': async (template: string, { ref }) => {
    const parts = template.split(/\$\{([\w:]+)\}/)
    return (await Promise.all(parts.map((part, i) => (i % 2 ? ref(part) : part)))).join('')
  },
}

/**
 * Resolves the intrinsics in a value; `AWS::NoValue` removes the property or array element.
 * @throws {Error} for an intrinsic that our templates do not use
 */
export const resolve = async (value: unknown, scope: Scope): Promise<unknown> => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const elements = await Promise.all(value.map((element) => resolve(element, scope)))
    return elements.filter((element) => element !== noValue)
  }
  const entries = Object.entries(value)
  const [[name, argument] = ['', undefined]] = entries
  if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
    const intrinsic = intrinsics[name]
    if (!intrinsic) throw new Error(`local/ does not emulate the intrinsic ${name}: see local/intrinsics.ts`)
    return intrinsic(argument as never, scope)
  }
  const resolved = await Promise.all(entries.map(async ([key, each]) => [key, await resolve(each, scope)]))
  return Object.fromEntries(resolved.filter(([, each]) => each !== noValue))
}
