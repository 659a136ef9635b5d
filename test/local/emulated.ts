import type { Deploy } from '../../local/services/aws-service.ts'

/** Brings up one resource of a template as deploy does, its intrinsics resolved already. */
export const bringUp = async (
  types: Record<string, Deploy>,
  type: string,
  name: string,
  properties: object,
  assetPath = '',
) => {
  const deploy = types[type]
  if (!deploy) throw new Error(`${type} is not among ${Object.keys(types).join(', ')}`)
  return deploy({ name, logicalId: name, path: `Stack/${name}`, properties, assetPath })
}

/** An IAM that allows everything. */
export const permissive = {
  authorize: async () => {},
  maySend: async () => undefined,
  mayInvoke: () => true,
}
