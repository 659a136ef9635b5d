import type { Reply, VendorHttp } from '../lambdas/adapters/vendor-http.ts'
import type { Meaning } from '../lambdas/domain/vendor-answer.ts'
import { at, counted, type Talk, type Way } from './contract-talk.ts'

/** One question of docs/vendor-contract.md. */
interface Question {
  asks: string
  /** Why it is not asked of this vendor; undefined if it is. */
  isLeftOut?: (talk: Talk) => string | undefined
  /** What is wrong, as a sentence that follows "No: "; undefined if nothing is. */
  wrong: (talk: Talk) => Promise<string | undefined>
}

const said = ({ made, blame, reason }: Meaning) => `${reason} (made: ${made}, to blame: ${blame})`
const factsIn = (meaning: Meaning) => JSON.stringify('facts' in meaning ? meaning.facts : {})
const isGood = ({ made, blame }: Meaning) => made === 'yes' && blame === 'nobody'
const is = (meaning: Meaning, reason: 'NOT_THERE' | 'TOO_LATE') => meaning.reason === reason

const reply = (status: number): Reply => ({
  kind: 'answer',
  status,
  body: undefined,
  retryAfterMs: undefined,
})
/** The request does not reach the vendor; this answer comes instead. */
const instead =
  (answer: Reply): Way =>
  () =>
  async () =>
    answer
/** The request reaches the vendor, but the answer is lost. */
const answerLost: Way =
  (http: VendorHttp): VendorHttp =>
  async (...request) => {
    await http(...request)
    return { kind: 'no-answer', reason: 'TIME_OUT' }
  }

const noKeys = ({ promises }: Talk) =>
  promises.honoursIdempotencyKey ? undefined : 'the vendor does not promise to honour keys'
const noLookUp = ({ promises }: Talk) =>
  promises.canBeLookedUp ? undefined : 'the vendor does not promise that it can be looked up'
const noCancel = ({ promises }: Talk) =>
  promises.canBeCancelled ? undefined : 'the vendor does not promise that it can be asked to undo'
const nobodyFindsOut = (talk: Talk) =>
  noKeys(talk) && noLookUp(talk) && 'the vendor promises neither keys nor look-ups: a person asks it'

/** The meaning of a create whose deciding call goes this way. */
const meaningWith = (talk: Talk, way: Way): Promise<Meaning> =>
  talk.client(at(talk.makes, way)).create(talk.newJob())

/** The questions in order: the first one finds out what the others need to know. */
export const questions: readonly Question[] = [
  {
    asks: 'Does a create make what it is asked for, and answer with what the order keeps of it?',
    async wrong(talk) {
      const job = talk.newJob()
      const calls = counted()
      const first = await talk.client(calls.way).create(job)
      talk.makes = calls.made.length
      const meaning = await talk.finished(job, first)
      if (!isGood(meaning)) return `it answered ${said(meaning)}.`
      return factsIn(meaning) === '{}' ? 'there are no facts in its answer.' : undefined
    },
  },
  {
    asks: 'Does a repeat with the same key get the same answer, and make no second thing?',
    isLeftOut: noKeys,
    async wrong(talk) {
      const job = talk.newJob()
      const first = await talk.made(job)
      return talk.differs(job, first, await talk.made(job))
    },
  },
  {
    asks: 'Do two creates with the same key at once make one thing?',
    isLeftOut: noKeys,
    async wrong(talk) {
      const job = talk.newJob()
      const { create } = talk.client()
      const [one, other] = await Promise.all([create(job), create(job)])
      return talk.differs(job, await talk.foundOut(job, one), await talk.foundOut(job, other))
    },
  },
  {
    asks: 'Is a refused credential our fault, and does the same key do the work after it?',
    async wrong(talk) {
      const job = talk.newJob()
      const refused = await talk.withWrongCredential(({ create }) => create(job))
      if (refused.made !== 'no' || refused.blame !== 'us') return `it answered ${said(refused)}.`
      const meaning = await talk.made(job)
      return isGood(meaning) ? talk.differs(job, meaning, meaning) : `after it came ${said(meaning)}.`
    },
  },
  {
    asks: 'Is an outcome unknown when the answer is lost, and is there one thing in the end?',
    isLeftOut: nobodyFindsOut,
    async wrong(talk) {
      const job = talk.newJob()
      const lost = await talk.client(at(talk.makes, answerLost)).create(job)
      if (lost.made !== 'unknown') return `it answered ${said(lost)}.`
      const found = await talk.foundOut(job, lost)
      return isGood(found) ? talk.differs(job, found, found) : `then it found ${said(found)}.`
    },
  },
  {
    asks: 'Does the adapter leave it to the pipeline to ask again?',
    async wrong(talk) {
      for (let number = 1; number <= talk.makes; number++) {
        const calls = counted()
        await talk.client((http) => at(number, answerLost)(calls.way(http))).create(talk.newJob())
        const again = calls.made.find((call, index) => calls.made.indexOf(call) < index)
        if (again !== undefined) return `without an answer to ${again} it sent it once more by itself.`
      }
      return undefined
    },
  },
  {
    asks: 'Is an outcome unknown after a 500?',
    async wrong(talk) {
      const meaning = await meaningWith(talk, instead(reply(500)))
      return meaning.made === 'unknown' ? undefined : `it answered ${said(meaning)}.`
    },
  },
  {
    asks: 'Is a 2xx that cannot be read neither a thing made nor a refusal?',
    async wrong(talk) {
      const meaning = await meaningWith(talk, instead(reply(200)))
      const isOpen = meaning.made === 'unknown' || meaning.made === 'accepted'
      return isOpen ? undefined : `it answered ${said(meaning)}.`
    },
  },
  {
    asks: 'Has the vendor certainly made nothing where no connection was made?',
    async wrong(talk) {
      const meaning = await meaningWith(talk, instead({ kind: 'not-connected' }))
      return meaning.made === 'no' && meaning.blame === 'unreached'
        ? undefined
        : `it answered ${said(meaning)}.`
    },
  },
  {
    asks: "Are too many calls (429) nobody's fault?",
    async wrong(talk) {
      const meaning = await meaningWith(talk, instead(reply(429)))
      return meaning.blame === 'nobody' ? undefined : `it answered ${said(meaning)}.`
    },
  },
  {
    asks: 'Does a look-up find what was made?',
    isLeftOut: noLookUp,
    async wrong(talk) {
      const job = talk.newJob()
      const made = await talk.made(job)
      return talk.differs(job, made, await talk.client().lookUp(job))
    },
  },
  {
    asks: 'Is what was never asked for "not there"?',
    isLeftOut: noLookUp,
    async wrong(talk) {
      const meaning = await talk.client().lookUp(talk.newJob())
      return is(meaning, 'NOT_THERE') ? undefined : `the look-up answered ${said(meaning)}.`
    },
  },
  {
    asks: 'Does a gateway\'s 404 page not pass for "not there"?',
    isLeftOut: noLookUp,
    async wrong(talk) {
      const job = talk.newJob()
      await talk.made(job)
      const meaning = await talk.client(instead(reply(404))).lookUp(job)
      return is(meaning, 'NOT_THERE')
        ? 'the look-up believed it, and the thing would be made again.'
        : undefined
    },
  },
  {
    asks: 'Is what was made undone on demand, also where that is repeated, and does a look-up show it?',
    isLeftOut: noCancel,
    async wrong(talk) {
      const job = talk.newJob()
      await talk.made(job)
      const lost = await talk.client(answerLost).cancel(job)
      if (lost.made !== 'unknown') return `when the answer was lost it was ${said(lost)}.`
      for (const time of ['', ' when it was asked once more']) {
        const undone = await talk.finished(job, await talk.client().cancel(job), 'cancel')
        if (!isGood(undone)) return `the vendor answered ${said(undone)}${time}.`
      }
      const shown = talk.promises.canBeLookedUp ? await talk.client().lookUp(job) : undefined
      return shown && isGood(shown) ? `a look-up still answers ${said(shown)}.` : undefined
    },
  },
  {
    asks: 'Is there nothing to undo of what was never asked for?',
    isLeftOut: noCancel,
    async wrong(talk) {
      const meaning = await talk.client().cancel(talk.newJob())
      return is(meaning, 'NOT_THERE') ? undefined : `the vendor answered ${said(meaning)}.`
    },
  },
  {
    asks: 'Is it too late to undo what has left?',
    isLeftOut: (talk) =>
      noCancel(talk) ?? (talk.faults ? undefined : 'nothing leaves a sandbox: try it by hand, where it can'),
    async wrong(talk) {
      const job = talk.newJob()
      await talk.made(job)
      talk.faults?.({ shipped: true })
      const meaning = await talk.finished(job, await talk.client().cancel(job), 'cancel')
      talk.faults?.({ shipped: false })
      return is(meaning, 'TOO_LATE') ? undefined : `the vendor answered ${said(meaning)}.`
    },
  },
]
