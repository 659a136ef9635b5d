import { operate } from './api.js'
import { useFresh } from './orders.js'
import { button, clock, counted, html, Panel, Pill, Said, useWork } from './ui.js'

/** The most rows that are shown. */
const most = 50

const sentBack = ({ orders, messages }) =>
  `Redriven: ${counted(orders, 'order')}, ${counted(messages, 'other message')}.`

/** The dead-lettered orders and messages with their reasons, and buttons to redrive them. */
export const DeadLetters = ({ state, written, onOpen }) => {
  const { deadLetters = [], error } = useFresh('/_local/dead-letters', `${written} ${state.dead}`) ?? {}
  const { said, run } = useWork()
  const redrive = (...which) => run('Redriving …', () => operate('dlq', 'redrive', ...which), sentBack)
  const row = ({ messageId, orderId, reason, queue, at }) => html`<tr key=${messageId}>
    <td>${
      orderId
        ? html`<button class="btn btn-link btn-sm p-0" onClick=${() => onOpen(orderId)}>${orderId.slice(0, 12)}…</button>`
        : 'unreadable'
    }</td>
    <td><${Pill} tone="danger">${reason}<//></td>
    <td><button class=${button} aria-label="Redrive ${orderId ?? messageId}"
      onClick=${() => (orderId ? redrive('--order', orderId) : redrive('--message', messageId))}>Redrive</button></td>
    <td>${queue.replace('/DeadLetterQueue', '').replace('/UndeliveredQueue', ', undelivered')}</td>
    <td class="text-end">${clock(at)}</td>
  </tr>`
  const all =
    deadLetters.length > 0 &&
    html`<button class=${button} onClick=${() => redrive('--all')}>Redrive all ${deadLetters.length}</button>`
  return html`<${Panel} id="dead-letters" title="Dead letters" aside=${all}>
    ${
      deadLetters.length === 0
        ? html`<p class="m-0">None. To see one, make a vendor refuse a country, and place an order to it.</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-label="List of dead letters">
            <table class="table table-sm align-middle m-0">
              <thead><tr><th>Order</th><th>Reason</th><th><span class="visually-hidden">Redrive</span></th><th>Queue</th><th class="text-end">Since</th></tr></thead>
              <tbody>${deadLetters.slice(0, most).map(row)}</tbody>
            </table>
          </div>`
    }
    ${deadLetters.length > most && html`<p class="small m-0">The latest ${most} of ${deadLetters.length}.</p>`}
    <${Said} tone="danger">${error}<//>
    ${said}
  <//>`
}
