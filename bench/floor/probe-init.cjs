/**
 * Loads one bundle in a fresh process and reports the CPU time of that. Plain CommonJS, so that only the bundle is
 * compiled here. Lambda's runtime client loads these modules and opens the streams before a function:
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
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
void [process.stdout, process.stderr]

const before = process.cpuUsage()
require(process.argv[2])
const { user, system } = process.cpuUsage(before)
process.send({ cpuMs: (user + system) / 1000 })
