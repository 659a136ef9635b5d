import { useState } from 'preact/hooks'
import { control, operate } from './api.js'
import { button, counted, duration, html, Panel, useWork, vendorName } from './ui.js'

/** The faults: name, label, the value for "off" and, for a slider, its range and how to format its value. */
const controls = [
  ['down', 'Down', false],
  ['timeoutAfterWork', 'Does the work, never answers', false],
  ['unauthorized', 'Refuses our credential', false],
  ['idempotency', 'Ignores idempotency keys', true],
  ['voids', 'Cannot undo its work', true],
  ['shipped', 'Has shipped: too late to undo', false],
  ['latencyMs', 'Slow', 0, { max: 5000, step: 100 }, duration],
  ['errorRate', 'Errors', 0, { max: 1, step: 0.05 }, (rate) => `${Math.round(rate * 100)} %`],
  ['rateLimitPerSecond', 'Rate limit', null, { max: 50, step: 1 }, (rate) => `${rate} a second`],
  ['asyncMs', 'Ready later', null, { max: 10_000, step: 500 }, duration],
  ['workAfterTimeoutMs', 'Works late', null, { max: 10_000, step: 500 }, duration],
]

const none = { ...Object.fromEntries(controls.map(([fault, , off]) => [fault, off])), rejectCountries: [] }

/** A vendor's active faults in words. */
export const faultsIn = (faults) => [
  ...controls
    .filter(([fault, , off]) => faults[fault] !== off)
    .map(([fault, label, , , words]) => (words ? `${label}: ${words(faults[fault])}` : label)),
  ...faults.rejectCountries.map((country) => `Refuses ${country}`),
]

/** The stream reports a change up to this long after it was made. */
const arrivalMs = 400

/** A field whose `property` the user edits; the live value is shown only while it is not being edited. */
const useDraft = (value, commit, property = 'value') => {
  const [draft, setDraft] = useState()
  return {
    shown: draft ?? value,
    onInput: ({ target }) => setDraft(target[property]),
    onChange: ({ target }) =>
      commit(target[property]).finally(() => setTimeout(setDraft, arrivalMs, undefined)),
  }
}

const Switch = ({ label, off, value, onSet }) => {
  const { shown, ...handlers } = useDraft(value !== off, (isOn) => onSet(isOn !== off), 'checked')
  return html`<label class="form-check form-switch m-0">
    <input class="form-check-input" type="checkbox" role="switch" checked=${shown} ...${handlers} />
    ${label}
  </label>`
}

const Slider = ({ id, label, value, off, range, words, onSet }) => {
  const { shown, ...handlers } = useDraft(value ?? 0, (text) => onSet(Number(text) || off))
  const reading = Number(shown) === 0 ? 'none' : words(Number(shown))
  return html`<label class="row g-1 align-items-center" for=${id}>
    <span class="col-5">${label}</span>
    <span class="col-4"><input id=${id} class="form-range d-block" type="range" min="0" ...${range} value=${shown}
      aria-valuetext=${reading} ...${handlers} /></span>
    <output class="col-3 text-end" for=${id}>${reading}</output>
  </label>`
}

const Countries = ({ value, onSet }) => {
  const { shown, ...handlers } = useDraft(value.join(', '), (text) =>
    onSet(text.toUpperCase().match(/\w+/g) ?? []),
  )
  return html`<label class="d-flex gap-2 align-items-center">
    <span class="text-nowrap">Refuse countries</span>
    <input class="form-control form-control-sm py-0" value=${shown} placeholder="FR, IS" autocomplete="off" ...${handlers} />
  </label>`
}

const VendorFaults = ({ name, faults, circuit, tell, run }) => {
  const set = (change) => tell(control('PUT', `/vendors/${name}`, change))
  const isPaused = circuit?.heldSince !== undefined
  const holdOrRelease = () =>
    run(isPaused ? 'Resuming …' : 'Pausing …', () => operate('vendor', isPaused ? 'resume' : 'pause', name))
  return html`<fieldset class="small" aria-label=${vendorName(name)}>
    ${
      faults &&
      html`${controls.map(([fault, label, off, range, words]) => {
        const more = { label, off, value: faults[fault], onSet: (value) => set({ [fault]: value }) }
        return range
          ? html`<${Slider} id=${fault} range=${range} words=${words} ...${more} />`
          : html`<${Switch} ...${more} />`
      })}
      <${Countries} value=${faults.rejectCountries} onSet=${(rejectCountries) => set({ rejectCountries })} />`
    }
    <div class="d-flex gap-2 mt-1">
      ${faults && html`<button class=${button} onClick=${() => set(none)}>Mend</button>`}
      <button class=${button} onClick=${holdOrRelease}>${isPaused ? 'Resume' : 'Pause'} calls</button>
    </div>
  </fieldset>`
}

/** The panel that kills functions, drops events and sets a vendor's faults. */
export const Faults = ({ state, topology }) => {
  const { said, tell, run } = useWork()
  const [chosen, choose] = useState()
  const names = Object.keys(state.vendors)
  const shown = names.includes(chosen) ? chosen : names[0]
  const files = topology.nodes.flatMap(({ kind, detail }) => (kind === 'function' ? detail : []))
  const killable = [...new Set(files)].filter((file) => /worker|relay|create/.test(file))
  const kill = (file) =>
    tell(control('POST', `/functions/${file}/kill`), ({ killed }) => `Killed ${counted(killed, file)}.`)
  const lose = (count, words) => tell(control('POST', '/events/drop', { count }), () => words)
  const mended = ([name, { faults, circuit }]) => [
    faults && control('PUT', `/vendors/${name}`, none),
    circuit?.heldSince !== undefined && operate('vendor', 'resume', name),
  ]
  const mendAll = () => Promise.all([...Object.entries(state.vendors).flatMap(mended), lose(0)])
  const reset = () => run('Resetting …', mendAll, () => 'All faults and pauses are reset.')
  return html`<${Panel} id="faults" title="Faults" aside=${html`<button class=${button} onClick=${reset}>Reset all</button>`}>
    <div class="d-flex flex-wrap gap-1" role="group" aria-label="Accidents, now">
      ${killable.map((file) => html`<button class=${button} onClick=${() => kill(file)}>Kill ${file}</button>`)}
      <button class=${button} onClick=${() => lose(1, 'The next event will be lost between bus and queue.')}>Lose the next event</button>
    </div>
    <div class="btn-group btn-group-sm my-2" role="group" aria-label="Vendor">
      ${names.map(
        (
          name,
        ) => html`<input type="radio" class="btn-check" name="vendor" id="of-${name}" checked=${name === shown} onChange=${() => choose(name)} />
          <label class=${button} for="of-${name}">${vendorName(name)}</label>`,
      )}
    </div>
    <${VendorFaults} key=${shown} name=${shown} ...${state.vendors[shown]} tell=${tell} run=${run} />
    ${said}
  <//>`
}
