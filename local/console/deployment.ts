import type { Deploy, Deployed, Resource } from '../services/aws-service.ts'

/** A resource of a template as it came up. */
export interface DeployedResource extends Resource, Deployed {
  type: string
}

/** Watches a deployment: the resource types to deploy with, and what came up, in that order. */
export const recordDeployment = (types: Record<string, Deploy>) => {
  const resources: DeployedResource[] = []
  const recording = Object.entries(types).map(([type, deploy]): [string, Deploy] => [
    type,
    async (resource) => {
      const deployed = await deploy(resource)
      resources.push({ type, ...resource, ...deployed })
      return deployed
    },
  ])
  return { types: Object.fromEntries(recording), resources }
}
