import { useEffect, useState } from 'preact/hooks'
import { control, operate } from './api.js'
import { button, clock, counted, html, Panel, Pill, Said } from './ui.js'

/** What the pipeline could not bring on by itself, why, and the way back. */
export const DeadLetters = ({ state, onOpen }) => {
  const [letters, setLetters] = useState([])
  const [said, setSaid] = useState('')
  useEffect(() => {
    control('GET', '/dead-letters').then(
      ({ deadLetters }) => setLetters(deadLetters),
      ({ message }) => setSaid(message),
    )
  }, [state.dead])

  const redrive = (...which) => {
    setSaid('Sending back …')
    return operate('dlq', 'redrive', ...which).then(
      ({ orders, messages }) =>
        setSaid(`Sent back: ${counted(orders, 'order')}, ${counted(messages, 'other message')}.`),
      ({ message }) => setSaid(message),
    )
  }
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
    letters.length > 0 &&
    html`<button class=${button} onClick=${() => redrive('--all')}>Redrive all ${letters.length}</button>`
  return html`<${Panel} id="dead-letters" title="Dead letters" aside=${all}>
    ${
      letters.length === 0
        ? html`<p class="m-0">None. Let a vendor refuse a country, and place an order to it.</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-label="Table of dead letters">
            <table class="table table-sm align-middle m-0">
              <thead><tr><th>Order</th><th>Reason</th><th><span class="visually-hidden">Redrive</span></th><th>Queue</th><th class="text-end">Since</th></tr></thead>
              <tbody>${letters.slice(0, 50).map(row)}</tbody>
            </table>
          </div>`
    }
    <${Said}>${said}<//>
  <//>`
}
