/**
 * Loads one bundle in a fresh process and says what that took. CommonJS in plain JavaScript, so that nothing
 * but the bundle is compiled here. What Lambda's own runtime client has loaded before a function is loaded is
 * loaded here before it, too: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 */
for (const name of [
  'node:http',
  'node:fs',
  'node:path',
  'node:util',
  'node:stream',
  'node:url',
  'node:module',
])
  require(name)
const lambdaPatchesThese = [process.stdout.fd, process.stderr.fd]

const startedAt = performance.now()
const before = process.cpuUsage()
require(process.argv[2])
const { user, system } = process.cpuUsage(before)
const wallMs = performance.now() - startedAt
process.send({ cpuMs: (user + system) / 1000, wallMs, streams: lambdaPatchesThese.length })
