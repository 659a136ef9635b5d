import { useState } from 'preact/hooks'
import { control, operate } from './api.js'
import { duration, html, Panel, vendorName } from './ui.js'

const switches = [
  ['down', 'Down', true],
  ['timeoutAfterWork', 'Does the work, never answers', true],
  ['unauthorized', 'Refuses our credential', true],
  ['idempotency', 'Ignores idempotency keys', false],
  ['voids', 'Cannot undo its work', false],
  ['shipped', 'Has shipped: too late to undo', true],
]

/** Faults with a measure: the value that means none, the slider's range, and how it reads. */
const sliders = [
  ['latencyMs', 'Slow', 0, { max: 5000, step: 100 }, duration],
  ['errorRate', 'Errors', 0, { max: 1, step: 0.05 }, (rate) => `${Math.round(rate * 100)} %`],
  ['rateLimitPerSecond', 'Rate limit', null, { max: 50, step: 1 }, (rate) => `${rate} a second`],
  ['asyncMs', 'Ready later', null, { max: 10_000, step: 500 }, duration],
  ['workAfterTimeoutMs', 'Works late', null, { max: 10_000, step: 500 }, duration],
]

const none = Object.fromEntries([
  ...switches.map(([fault, , value]) => [fault, !value]),
  ...sliders.map(([fault, , off]) => [fault, off]),
  ['rejectCountries', []],
])

/** A vendor's faults in words. */
export const faultsIn = (faults) => [
  ...switches.filter(([fault, , value]) => faults[fault] === value).map(([, label]) => label),
  ...sliders
    .filter(([fault, , off]) => faults[fault] !== off)
    .map(([fault, label, , , words]) => `${label}: ${words(faults[fault])}`),
  ...faults.rejectCountries.map((country) => `Refuses ${country}`),
]

/** The stream tells of a change a little after it was made. */
const arrivalMs = 400

/** What the user is typing; the live value shows only while the field is not edited. */
const useDraft = (value, commit) => {
  const [draft, setDraft] = useState()
  return {
    shown: draft ?? value,
    onInput: ({ target }) => setDraft(target.value),
    onChange: ({ target }) => commit(target.value).finally(() => setTimeout(setDraft, arrivalMs, undefined)),
  }
}

const Slider = ({ id, label, value, off, range, words, onSet }) => {
  const { shown, ...handlers } = useDraft(value ?? 0, (text) => onSet(Number(text) || off))
  const reading = Number(shown) === 0 ? 'none' : words(Number(shown))
  return html`<label class="slider" for=${id}>
    <span>${label}</span>
    <input id=${id} type="range" min="0" ...${range} value=${shown} aria-valuetext=${reading} ...${handlers} />
    <output for=${id}>${reading}</output>
  </label>`
}

const Countries = ({ value, onSet }) => {
  const list = (text) =>
    text
      .toUpperCase()
      .split(/[\s,]+/)
      .filter(Boolean)
  const { shown, ...handlers } = useDraft(value.join(', '), (text) => onSet(list(text)))
  return html`<label class="slider">
    <span>Refuse countries</span>
    <input value=${shown} placeholder="FR, IS" autocomplete="off" ...${handlers} />
  </label>`
}

const VendorFaults = ({ name, faults, isPaused }) => {
  const [error, setError] = useState('')
  const called = vendorName(name).toLowerCase()
  const set = (change) =>
    control('PUT', `/vendors/${name}`, change).then(
      () => setError(''),
      ({ message }) => setError(message),
    )
  const holdOrRelease = () => {
    setError('')
    operate('vendor', isPaused ? 'resume' : 'pause', name).catch(({ message }) => setError(message))
  }
  return html`<fieldset class="vendor-faults">
    <legend>${vendorName(name)}</legend>
    ${switches.map(
      ([fault, label, value]) => html`<label class="switch">
        <input type="checkbox" role="switch" checked=${faults[fault] === value}
          onChange=${({ target }) => set({ [fault]: target.checked ? value : !value })} />
        ${label}
      </label>`,
    )}
    ${sliders.map(
      ([fault, label, off, range, words]) => html`<${Slider} id="${name}-${fault}" label=${label} off=${off}
        value=${faults[fault]} range=${range} words=${words} onSet=${(value) => set({ [fault]: value })} />`,
    )}
    <${Countries} value=${faults.rejectCountries} onSet=${(rejectCountries) => set({ rejectCountries })} />
    <p class="result bad" role="status">${error}</p>
    <div class="actions">
      <button onClick=${() => set(none)}>Mend the ${called}</button>
      <button onClick=${holdOrRelease}>${isPaused ? 'Resume' : 'Pause'} calls</button>
    </div>
  </fieldset>`
}

/** What to break: the vendors, a running function, an event. */
export const Faults = ({ state, topology }) => {
  const [said, setSaid] = useState('')
  const say = (promise, words) =>
    promise.then(
      (answer) => setSaid(words(answer)),
      ({ message }) => setSaid(message),
    )
  const files = topology.nodes.flatMap(({ kind, detail }) => (kind === 'function' ? detail : []))
  const killable = [...new Set(files)].filter((file) => /worker|relay|create/.test(file))
  return html`<${Panel} id="faults" title="Faults">
    <div class="vendors">
      ${Object.entries(state.vendors).map(
        ([name, { faults, circuit }]) =>
          faults &&
          html`<${VendorFaults} name=${name} faults=${faults} isPaused=${circuit?.heldSince !== undefined} />`,
      )}
    </div>
    <div class="accidents" role="group" aria-labelledby="accidents-title">
      <h3 id="accidents-title">Accidents, now</h3>
      ${killable.map(
        (file) =>
          html`<button onClick=${() =>
            say(control('POST', `/functions/${file}/kill`), ({ killed }) =>
              killed
                ? `${file}: ${killed} killed in the middle of whatever they did.`
                : `${file} was not running.`,
            )}>Kill ${file}</button>`,
      )}
      <button onClick=${() =>
        say(
          control('POST', '/events/drop', { count: 1 }),
          () => 'The next event gets lost between bus and queue.',
        )}>
        Lose the next event</button>
      <p class="result" role="status">${said}</p>
    </div>
  <//>`
}
