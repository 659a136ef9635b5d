import openapiTypescript, { astToString } from 'openapi-typescript'

/** The TypeScript types for openapi-fetch: `paths`, and every schema by name. */
export async function clientTypes(openApi: string): Promise<string> {
  const types = astToString(await openapiTypescript(openApi))
  return `// Made from openapi.json by npm run openapi.\n${types}`
}
