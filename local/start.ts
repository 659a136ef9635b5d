import { styleText } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { type CloudOptions, startCloud } from './cloud.ts'
import { operator } from './iam.ts'
import type { LogLine } from './services/lambda-instances.ts'

/** Escapes control and format characters in texts from shops and vendors, so that the terminal does not act on them. */
const visible = (line: string): string =>
  line.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

/** If the same trouble repeats within this time, the first occurrence is printed, and then the number of others. */
const summaryMs = 5000
const repeats = new Map<string, number>()

function tellTrouble(trouble: string, ofOrder: string): void {
  const count = repeats.get(trouble)
  repeats.set(trouble, (count ?? -1) + 1)
  if (count !== undefined) return
  console.error(visible(trouble + ofOrder))
  const summarize = () => {
    const more = repeats.get(trouble)
    repeats.delete(trouble)
    if (more) console.error(visible(`${trouble}: ${more} more`))
  }
  setTimeout(summarize, summaryMs).unref()
}

/** Prints a function's warnings and errors. GET /_local/logs has its complete output. */
const printTrouble = ({ function: name, line }: LogLine): void => {
  try {
    const { level, message, reason, orderId } = JSON.parse(line)
    if (!['WARN', 'ERROR', 'CRITICAL', 'FATAL'].includes(level)) return
    const trouble = `${level} ${name}: ${[message, reason].filter(Boolean).join(', ')}`
    tellTrouble(trouble, orderId ? `, ${orderId}` : '')
  } catch {
    // A crash prints its source line, and a minified bundle is a single line: cut it.
    console.error(visible(`${name}: ${line.slice(0, 500)}`))
  }
}

/** Runs the cloud until SIGINT or SIGTERM, and prints its URLs and credentials. */
export const start = async (
  given: Pick<CloudOptions, 'port' | 'speed' | 'vendorUrls' | 'watch' | 'inspect'>,
): Promise<void> => {
  if (process.stderr.isTTY) console.error('Synthesizing and starting the stacks …')
  // All orders stay in memory; by default V8 would let the heap grow to several times their size.
  setFlagsFromString('--heap-growing-percent=30')
  const stopping = new AbortController()
  // Typical response times of real vendors.
  const vendorMs: [number, number] = [300 / given.speed, 800 / given.speed]
  const starting = startCloud({ ...given, vendorMs, signal: stopping.signal, onLog: printTrouble })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, async () => {
      // A second Ctrl-C exits at once.
      if (stopping.signal.aborted) process.exit(0)
      stopping.abort()
      await starting.then(({ stop }) => stop()).catch(() => {})
      process.exit(0)
    })

  const cloud = await starting.catch((error) => {
    if (error.name === 'AbortError') process.exit(0)
    if (error.code !== 'EADDRINUSE') throw error
    throw new Error(`Port ${given.port} is in use: choose another with --port or PORT.`, { cause: error })
  })
  const { accessKeyId, secretAccessKey } = operator.credentials
  const bold = (text: string) => styleText('bold', text)
  console.log(`${bold('API')}           ${cloud.url}
${bold('Console')}       ${cloud.url}/
${bold('API docs')}      ${cloud.url}/docs
${bold('AWS endpoint')}  ${cloud.url} (AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey})

${bold('Place an order')}  npx orderctl demo${given.port === 3000 ? '' : ` --port ${new URL(cloud.url).port}`}

Ready. Ctrl-C stops it.`)
}
