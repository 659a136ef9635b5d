import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { resources } from './templates.ts'

interface Operation {
  operationId?: string
  security?: { oauth2: string[] }[]
}

const { paths }: { paths: Record<string, Record<string, Operation>> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'openapi.json'), 'utf8'),
)

test('openapi.json has exactly the routes that are deployed, each with its scopes', () => {
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, { operationId }]) => operationId !== undefined)
      .map(([method, { security = [] }]) => [
        `${method.toUpperCase()} ${path}`,
        security.flatMap(({ oauth2 }) => oauth2),
      ]),
  )
  const deployed = resources('fast', 'stateless', 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => [
    Properties.RouteKey,
    Properties.AuthorizationScopes,
  ])

  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(deployed))
})
