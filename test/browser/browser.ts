import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { deadlineMs } from '../until.ts'

/** The browser's path: Debian's Chromium, unless CHROMIUM names another. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Whether a browser is installed. If REQUIRE_CHROMIUM is 1, a missing browser is an error. */
export const hasChromium = existsSync(executablePath)
if (!hasChromium && process.env.REQUIRE_CHROMIUM === '1')
  throw new Error(`There is no Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM.`)
if (!hasChromium)
  console.warn(
    `Skipped: there is no Chromium at ${executablePath} (apt-get install chromium, or set CHROMIUM).`,
  )

/** Starts the browser. It may run as root in a container with little shared memory. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] })

/** A page and its problems: console errors, exceptions, and requests to other origins than `url`. */
export interface WatchedPage {
  page: Page
  problems: string[]
}

/** Opens a page of the embedded cloud at `url`. */
export const openPage = async (
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> => {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(deadlineMs)
  const problems: string[] = []
  page.on('console', (message) => {
    const problem = `${message.text()} ${message.location().url}`
    // A machine that is too busy to answer a click in time answers 5xx, which the page itself shows.
    const isFailedClick = /status of 5\d\d .*\/orders$/.test(problem)
    if (['error', 'warning'].includes(message.type()) && !isFailedClick) problems.push(problem)
  })
  page.on('pageerror', ({ message }) => problems.push(message))
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== new URL(url).origin && protocol !== 'data:' && protocol !== 'blob:')
      problems.push(`fetched from outside: ${request.url()}`)
  })
  await page.goto(url)
  return { page, problems }
}
