import type { Deploy } from '../../local/services/aws-service.ts'

/** Deploys one resource, whose properties have no intrinsics. */
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
