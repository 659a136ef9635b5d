import { useEffect, useState } from 'preact/hooks'
import { control } from './api.js'
import { clock, html, Panel } from './ui.js'

const countOf = ({ queues }, ids) =>
  ids.map((id) => `${queues[id]?.visible ?? 0}+${queues[id]?.inFlight ?? 0}`).join()

/** What the pipeline could not bring on by itself, why, and the way back. */
export const DeadLetters = ({ state, topology, onOpen }) => {
  const [letters, setLetters] = useState([])
  const [said, setSaid] = useState('')
  const ids = topology.nodes.filter(({ kind }) => kind === 'dead-letter-queue').map(({ id }) => id)
  const counts = countOf(state, ids)
  useEffect(() => {
    control('GET', '/dead-letters').then(
      ({ deadLetters }) => setLetters(deadLetters),
      () => {},
    )
  }, [counts])

  const redrive = (messageId) =>
    control('POST', '/dead-letters/redrive', { messageId }).then(
      ({ redriven }) => setSaid(`${redriven} sent back.`),
      ({ message }) => setSaid(message),
    )
  const all =
    letters.length > 0 && html`<button onClick=${() => redrive()}>Redrive all ${letters.length}</button>`
  return html`<${Panel} id="dead-letters" title="Dead letters" aside=${all}>
    ${letters.length === 0 && html`<p class="empty">None. Let a vendor refuse a country, and place an order to it.</p>`}
    ${
      letters.length > 0 &&
      html`<div class="scroll" tabindex="0" role="group" aria-label="Table of dead letters">
        <table>
          <thead><tr><th>Order</th><th>Reason</th><th>Queue</th><th>Since</th><th><span class="visually-hidden">Redrive</span></th></tr></thead>
          <tbody>
            ${letters.slice(0, 50).map(
              ({ messageId, orderId, reason, queue, at }) => html`<tr key=${messageId}>
                <td>${
                  orderId
                    ? html`<button class="link" onClick=${() => onOpen(orderId)}>${orderId.slice(0, 12)}…</button>`
                    : 'unreadable'
                }</td>
                <td><span class="pill bad">${reason}</span></td>
                <td>${queue.replace('/DeadLetterQueue', '').replace('/UndeliveredQueue', ', undelivered')}</td>
                <td class="number">${clock(at)}</td>
                <td><button aria-label="Redrive ${orderId ?? messageId}" onClick=${() => redrive(messageId)}>Redrive</button></td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>`
    }
    <p class="result" role="status">${said}</p>
  <//>`
}
