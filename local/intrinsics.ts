/** What the intrinsics of a template can see. */
export interface Scope {
  /** Ref: a resource, a parameter or a pseudo parameter. */
  ref: (logicalId: string) => Promise<unknown>
  getAtt: (logicalId: string, attribute: string) => Promise<unknown>
  importValue: (name: string) => Promise<unknown>
}

const noValue = Symbol('AWS::NoValue')

const pair = (argument: unknown): [string, unknown] => {
  const [first, second] = typeof argument === 'string' ? argument.split('.') : (argument as [string, unknown])
  return [String(first), second]
}

const intrinsics: Record<string, (argument: unknown, scope: Scope) => Promise<unknown>> = {
  Ref: async (name, { ref }) => (name === 'AWS::NoValue' ? noValue : ref(String(name))),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, attribute] = pair(argument)
    return scope.getAtt(logicalId, String(attribute))
  },
  'Fn::ImportValue': async (name, scope) => scope.importValue(String(await resolve(name, scope))),
  'Fn::Join': async (argument, scope) => {
    const [separator, parts] = pair(argument)
    return ((await resolve(parts, scope)) as unknown[]).join(separator)
  },
  'Fn::Select': async (argument, scope) => {
    const [index, list] = pair(argument)
    return ((await resolve(list, scope)) as unknown[])[Number(index)]
  },
  'Fn::Split': async (argument, scope) => {
    const [separator, text] = pair(argument)
    return String(await resolve(text, scope)).split(separator)
  },
  'Fn::Sub': async (template, scope) => {
    if (typeof template !== 'string') throw new Error('local/ knows Fn::Sub with a string only')
    const parts = template.split(/\$\{([^}]+)\}/)
    const texts = parts.map((part, i) => {
      if (i % 2 === 0) return part
      const [logicalId, attribute] = pair(part)
      return attribute === undefined ? scope.ref(part) : scope.getAtt(logicalId, String(attribute))
    })
    return (await Promise.all(texts)).join('')
  },
}

/**
 * The value with its intrinsics resolved; `AWS::NoValue` drops the property or the element.
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
    if (!intrinsic)
      throw new Error(`local/ does not know the intrinsic ${name}: add it to local/intrinsics.ts`)
    return intrinsic(argument, scope)
  }
  const resolved = await Promise.all(entries.map(async ([key, each]) => [key, await resolve(each, scope)]))
  return Object.fromEntries(resolved.filter(([, each]) => each !== noValue))
}
