import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'

/**
 * Parts of the SDK for places that a Lambda is not, each with what stands in for it. `npm run bench` measures
 * what each saves, one after the other in this order; later ones count on earlier ones. A part that the SDK comes
 * to use in another way fails in the bundler, not at run time.
 */
export const standIns: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-provider-node': 'credentials.ts',
  '@smithy/core/event-streams': 'event-streams.ts',
  '@smithy/core/config': 'config.ts',
  '@aws-sdk/middleware-endpoint-discovery': 'endpoint-discovery.ts',
  '@aws-sdk/signature-v4-multi-region': 'one-region-signature.ts',
  '@smithy/core/checksum': 'checksum.ts',
  '@aws-sdk/lib-dynamodb': 'document-client.ts',
  '@aws-sdk/util-dynamodb': 'util-dynamodb.ts',
  '@aws-sdk/dynamodb-codec': 'dynamodb-codec.ts',
  '../util-retry/AdaptiveRetryStrategy': 'adaptive-retry.ts',
  './smithy-client/NoOpLogger': 'no-logger.ts',
}

const knownErrors =
  /[/\\]@aws-sdk[/\\]client-(?:dynamodb|eventbridge)[/\\]dist-es[/\\]schemas[/\\]schemas_0\.js$/
/** All errors of a service but the one of which we read more than its name: the item that failed its condition. */
const registration = /^n0_registry\.registerError\((?!ConditionalCheckFailedException\$).*\n/gm

/**
 * What a client knows of its service, without the classes of errors that are told apart by their names: the SDK
 * gives an error that it does not know the class of all the service's errors, and the name that came with it.
 * @throws {Error} where the SDK registers its errors in another way
 */
function withoutErrorsByName(path: string): string {
  const source = readFileSync(path, 'utf8')
  const slim = source.replaceAll(registration, '')
  if (slim === source) throw new Error(`${path} registers no errors.`)
  return slim
}

/** The plugin with these stand-ins. The bench adds one at a time to see what it saves. */
export function slimSdkWith(replaced: Readonly<Record<string, string>>): Plugin {
  const escaped = Object.keys(replaced).map((path) => path.replaceAll('.', '\\.'))
  const filter = new RegExp(`^(?:${escaped.join('|')})$`)
  return {
    name: 'slim-sdk',
    setup({ onResolve, onLoad }) {
      onResolve({ filter }, ({ path }) => ({ path: join(import.meta.dirname, replaced[path] ?? '') }))
      // Of its package.json a client reads only the version, for the user agent; the bundle would hold all of it.
      onLoad({ filter: /[/\\]@aws-sdk[/\\]client-[^/\\]+[/\\]package\.json$/ }, ({ path }) => {
        const { version } = JSON.parse(readFileSync(path, 'utf8'))
        return { loader: 'json', contents: JSON.stringify({ version }) }
      })
      onLoad({ filter: knownErrors }, ({ path }) => ({ contents: withoutErrorsByName(path) }))
    },
  }
}

/** An esbuild plugin that leaves out of the AWS SDK what no Lambda uses. */
export const slimSdk = slimSdkWith(standIns)
