import { setTimeout as sleep } from 'node:timers/promises'
import { DeleteMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { maxBatch } from '../../lambdas/adapters/step-queue.ts'
import { batchesOf } from './queues.ts'
import type { Redrive } from './redrive-message.ts'

/** Sends a message first and deletes it then: at the worst it is there twice, which the worker sees through. */
async function redriveOne(sqs: SQSClient, redrive: Redrive): Promise<void> {
  const { targetUrl, body, attributes, traceHeader, letter } = redrive
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: targetUrl,
      MessageBody: body,
      MessageAttributes: attributes,
      ...(traceHeader && {
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
      }),
    }),
  )
  if (letter)
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: letter.queue.url, ReceiptHandle: letter.receiptHandle }),
    )
}

/** Sends messages back, so many per second, until all are or the signal says to stop. */
export async function sendBack(
  sqs: SQSClient,
  redrives: readonly Redrive[],
  options: {
    ratePerSecond: number
    signal: AbortSignal
    onDone: (redrive: Redrive) => void
    now?: () => number
  },
): Promise<{ done: Redrive[]; failed: { redrive: Redrive; error: string }[] }> {
  const { ratePerSecond, signal, onDone, now = Date.now } = options
  const size = Math.min(maxBatch, Math.max(1, Math.floor(ratePerSecond)))
  const startedAt = now()
  const done: Redrive[] = []
  const failed: { redrive: Redrive; error: string }[] = []
  for (const batch of batchesOf(redrives, size)) {
    const dueAt = startedAt + ((done.length + failed.length) / ratePerSecond) * 1000
    // An interruption ends the wait, and then the work.
    await sleep(Math.max(0, dueAt - now()), undefined, { signal }).catch(() => {})
    if (signal.aborted) break
    const results = await Promise.allSettled(batch.map((redrive) => redriveOne(sqs, redrive)))
    for (const [index, redrive] of batch.entries()) {
      const result = results[index]
      if (result?.status === 'rejected') failed.push({ redrive, error: String(result.reason) })
      else {
        done.push(redrive)
        onDone(redrive)
      }
    }
  }
  return { done, failed }
}
