import { spawn } from 'node:child_process'
import { join, parse } from 'node:path'
import { text } from 'node:stream/consumers'
import * as z from 'zod'

/** What is tested: an adapter and a fake of its vendor, each as its module's URL and, after `#`, what that exports. */
export interface AdapterTest {
  adapter: URL
  fake: URL
  /** The step whose vendor it is. */
  step: 'logistics' | 'wms'
  /** What the config says of the vendor. */
  promises: { honoursIdempotencyKey: boolean; canBeLookedUp: boolean; canBeCancelled: boolean }
  /** What the config says to the adapter; nothing, if not given. */
  options?: object
  /** One pair of faults in this many is played, 25 if not given; all of them for 1, none for 0. */
  pairs?: number
}

const player = join(
  import.meta.dirname,
  '..',
  'test',
  'simulation',
  `own-adapter${parse(import.meta.filename).ext}`,
)
const played = z.object({ runs: z.number() })

/**
 * Plays an order's way with an adapter under virtual time: once with each thing that can go wrong with each call, and
 * again with what can go wrong after that: crashes, time-outs, lost answers, refusals, repeats.
 * @returns how many runs held every promise
 * @throws {Error} that tells the shortest story in which something was made twice, got lost, or stayed unknown
 */
export async function surviveEveryCrash({
  pairs = 25,
  options = {},
  ...test
}: AdapterTest): Promise<{ runs: number }> {
  const child = spawn(process.execPath, [player], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(JSON.stringify({ ...test, options, pairs }))
  const [said, trouble] = await Promise.all([text(child.stdout), text(child.stderr)])
  const { data } = played.safeParse(parsed(said))
  if (data === undefined) throw new Error(`The adapter does not survive every crash.\n${said}${trouble}`)
  return data
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
