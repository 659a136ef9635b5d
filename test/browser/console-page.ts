/** What tests of the console share: a cloud with a browser, and what they find and do on its page. */
import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { faultsSchema } from '../../vendors/faults.ts'
import { type Cloud, startCloud } from '../e2e/cloud.ts'
import { hasChromium, launch, openPage } from './browser.ts'

/** A suite that needs a browser; it is skipped where there is none. */
export const inBrowser = hasChromium ? describe : describe.skip

/** Starts a cloud and a browser for the suite that calls this. Each test begins without faults of a vendor, and fails on problems of a page. */
export const useConsole = () => {
  let cloud: Cloud
  let browser: Browser
  let problems: string[] = []
  beforeAll(async () => {
    ;[cloud, browser] = await Promise.all([startCloud({ speed: 20 }), launch()])
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    for (const vendor of ['logistics', 'wms', 'easypost'] as const)
      await cloud.faults(vendor, faultsSchema.parse({}))
    expect(problems).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await cloud?.stop()
  })
  return {
    get cloud() {
      return cloud
    },
    async open(path = '/', options: BrowserContextOptions = {}): Promise<Page> {
      const opened = await openPage(browser, `${cloud.url}${path}`, options)
      problems = opened.problems
      return opened.page
    },
  }
}

export const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
export const card = (page: Page, name: string) =>
  region(page, 'Pipeline').getByRole('group', { name, exact: true })
/** Selects a vendor in the faults panel, and returns its controls. */
export const vendorFaults = async (page: Page, name: string) => {
  const faults = region(page, 'Faults')
  await faults.locator('label').getByText(name, { exact: true }).click()
  return faults.getByRole('group', { name, exact: true })
}

/** Places the order in the form, and returns its dialog. */
export const placeOne = async (page: Page, country?: string) => {
  const form = region(page, 'Place orders')
  if (country) await form.getByLabel('Country').fill(country)
  await form.getByRole('button', { name: 'Place the order' }).click()
  await form.getByRole('button', { name: 'Follow it' }).click()
  return page.getByRole('dialog')
}

export const france = { name: 'A', line1: '1 rue A', city: 'Paris', country: 'FR' }

export const isReady = (page: Page) =>
  page.getByRole('dialog').getByRole('status').getByText('ready', { exact: true })

/** Places this many orders, of which a busy machine may fail some, and waits for the last answer. */
export const placeMany = async (page: Page, count: number) => {
  const form = region(page, 'Place orders')
  await form.getByLabel('How many').selectOption(String(count))
  await form.getByRole('slider', { name: /a second/ }).fill('50')
  await form.getByRole('button', { name: `Place ${count} orders` }).click()
  await form.getByText(`of ${count} placed`).waitFor()
  await form.getByRole('button', { name: `Place ${count} orders` }).waitFor()
}

export const figure = (page: Page, name: string, value: RegExp) =>
  region(page, 'Pipeline').locator('.figures div', { hasText: name }).getByText(value).waitFor()
