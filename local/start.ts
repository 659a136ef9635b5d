import { styleText } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { type CloudOptions, startCloud } from './cloud.ts'
import { operator } from './iam.ts'
import type { LogLine } from './services/lambda-instances.ts'

/** Control and format characters of what shops and vendors wrote are shown, not executed. */
const visible = (line: string): string =>
  line.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

/** What the same trouble does to many orders within this time is told of the first, and then as a number. */
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

/** Functions log much; the terminal gets what needs a look. The rest: GET /_local/logs */
const printTrouble = ({ function: name, line }: LogLine): void => {
  try {
    const { level, message, reason, orderId } = JSON.parse(line)
    if (!['WARN', 'ERROR', 'CRITICAL', 'FATAL'].includes(level)) return
    const trouble = `${level} ${name}: ${[message, reason].filter(Boolean).join(', ')}`
    tellTrouble(trouble, orderId ? `, ${orderId}` : '')
  } catch {
    // A crash prints the line of the bundle it happened in, which is all of the bundle.
    console.error(visible(`${name}: ${line.slice(0, 500)}`))
  }
}

/** Runs the cloud until it is told to stop, and prints where everything is. */
export const start = async (
  given: Pick<CloudOptions, 'port' | 'speed' | 'vendorUrls' | 'watch' | 'inspect'>,
): Promise<void> => {
  if (process.stderr.isTTY) console.error('Synthesizing the stack and bringing it up …')
  // It keeps every order: without this V8 lets several times as much lie about.
  setFlagsFromString('--heap-growing-percent=30')
  const stopping = new AbortController()
  // As real vendors take.
  const vendorMs: [number, number] = [300 / given.speed, 800 / given.speed]
  const starting = startCloud({ ...given, vendorMs, signal: stopping.signal, onLog: printTrouble })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, async () => {
      // A second Ctrl-C ends it at once.
      if (stopping.signal.aborted) process.exit(0)
      stopping.abort()
      await starting.then(({ stop }) => stop()).catch(() => {})
      process.exit(0)
    })

  const cloud = await starting.catch((error) => {
    if (error.name === 'AbortError') process.exit(0)
    if (error.code !== 'EADDRINUSE') throw error
    throw new Error(`Port ${given.port} is taken: --port or PORT names another.`, { cause: error })
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
