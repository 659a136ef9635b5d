import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

/** SDK modules, each with the file in this folder that replaces it in bundles. See README.md. */
const standIns: ReadonlyMap<string, string> = new Map([
  ['@aws-sdk/credential-provider-node', 'credentials'],
  ['@smithy/core/event-streams', 'left-out'],
  ['@smithy/core/config', 'config'],
  ['@aws-sdk/middleware-endpoint-discovery', 'left-out'],
])

/** Clients read only its version, for the user agent. */
const packageJson = /[/\\]@aws-sdk[/\\]client-[^/\\]+[/\\]package\.json$/

/** Leaves out parts of the AWS SDK that no function uses. The build fails if the SDK no longer imports one of them. */
export const slimSdk: Plugin = {
  name: 'slim-sdk',
  setup({ onResolve, onLoad, onEnd }) {
    const missing = new Set([...standIns.keys(), 'package.json'])
    onResolve({ filter: /^@(?:aws-sdk|smithy)\// }, ({ path, importer }) => {
      const standIn = standIns.get(path)
      // A stand-in itself may import the module that it partly replaces.
      if (standIn === undefined || importer.startsWith(import.meta.dirname)) return undefined
      missing.delete(path)
      return { path: import.meta.filename.replace(/plugin(?=\.[jt]s$)/, standIn) }
    })
    onLoad({ filter: packageJson }, ({ path }) => {
      missing.delete('package.json')
      const { version } = JSON.parse(readFileSync(path, 'utf8'))
      return { loader: 'json', contents: JSON.stringify({ version }) }
    })
    onEnd(() => ({
      errors: [...missing].map((path) => ({
        text: `No AWS client imports ${path} any more: see "Upgrading the SDK" in lib/slim-sdk/README.md.`,
      })),
    }))
  },
}
