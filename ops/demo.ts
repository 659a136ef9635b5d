import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod/mini'
import { orderNotFound } from '../lambdas/application/rejection.ts'
import { readyStatus } from '../lambdas/domain/chain.ts'
import { isFinished } from '../lambdas/domain/order.ts'
import type { Environment } from './cli/environment.ts'
import { duration, visible } from './cli/format.ts'
import { type Api, createApi } from './cli/http.ts'
import { portOption, type Report, report, type Tool } from './cli/program.ts'
import { closingLines, timelineLines } from './orders/order-report.ts'
import { exampleOrder, receipt } from './smoke.ts'
import { getToken } from './token.ts'

/** How long an order is watched. */
const deadlineMs = 120_000

/** Places an order as a shop does, and tells its timeline, entry by entry, until it is ready or stuck. */
export async function placeAndWatch(
  { repository, now }: Pick<Environment, 'repository' | 'now'>,
  api: Api,
  tell: (line: string) => void,
): Promise<Report> {
  const clickedAt = now()
  const { body } = await api('POST', '/orders', exampleOrder(`demo-${randomUUID()}`, {}))
  const { orderId } = z.parse(receipt, body)
  tell(`POST /orders answered 201 after ${duration(now() - clickedAt)}: ${orderId}`)
  for (let told = 0; ; await sleep(50)) {
    const order = await repository.get(orderId)
    if (order === undefined) throw orderNotFound(orderId)
    const lines = timelineLines(order)
    for (const line of lines.slice(told)) tell(line)
    told = lines.length
    if (isFinished(order) || order.deadLettered !== undefined || now() - clickedAt > deadlineMs)
      return {
        lines: [
          '',
          ...closingLines(order, 'local', now()),
          `Its history: npx orderctl order show ${orderId}`,
        ],
        json: {},
        incomplete: order.status !== readyStatus,
      }
  }
}

/** `demo`. */
export const addTo = (tool: Tool) =>
  tool.addOption(portOption()).action(({ port }) => {
    const target = { env: 'local' as const, port }
    return report(target, async (environment) => {
      const { token } = await getToken(target, { scope: 'orders/write' })
      const api = createApi(environment.place.endpoint, token)
      return placeAndWatch(environment, api, (line) => console.log(visible(line)))
    })
  })
