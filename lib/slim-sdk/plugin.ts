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
  '../util-retry/AdaptiveRetryStrategy': 'adaptive-retry.ts',
  './smithy-client/NoOpLogger': 'no-logger.ts',
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
    },
  }
}

/** An esbuild plugin that leaves out of the AWS SDK what no Lambda uses. */
export const slimSdk = slimSdkWith(standIns)
