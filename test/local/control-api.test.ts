import { expect, test } from '@jest/globals'
import { addControlApi } from '../../local/control-api.ts'
import { createApp } from '../../local/http.ts'

type Deps = Parameters<typeof addControlApi>[1]

/** The control API with only those dependencies that a test needs. */
const apiOf = (parts: object) => {
  const app = createApp()
  addControlApi(app, parts as Deps)
  return async (method: 'GET' | 'POST', url: string) => {
    const response = await app.inject({ method, url: `/_local${url}` })
    return { status: response.statusCode, body: response.json() }
  }
}

test('killing a function kills the processes of every lane that runs its file, and no other', async () => {
  const killed: string[] = []
  const running = (name: string, file: string, processes: number) => ({
    file,
    kill: () => {
      killed.push(name)
      return processes
    },
  })
  const functions = [
    running('LogisticsCarrier', 'logistics-worker', 2),
    running('LogisticsCourier', 'logistics-worker', 1),
    running('WmsWarehouse', 'wms-worker', 4),
  ]
  const lambda = { functions: () => functions }
  const ask = apiOf({ lambda })

  expect(await ask('POST', '/functions/logistics-worker/kill')).toEqual({ status: 200, body: { killed: 3 } })
  expect(killed).toEqual(['LogisticsCarrier', 'LogisticsCourier'])
  expect(await ask('POST', '/functions/nothing/kill')).toEqual({
    status: 404,
    body: { message: 'There is no function nothing.' },
  })
})

test('the vendors that run here are listed with step and adapter, and answer to the names of their steps', async () => {
  const faultsOf = (down: boolean) => ({ faults: () => ({ down }) })
  const vendors = { carrier: faultsOf(true), easypost: faultsOf(false), warehouse: faultsOf(false) }
  const ask = apiOf({ vendors })

  expect((await ask('GET', '/vendors')).body).toEqual({
    vendors: [
      { name: 'carrier', step: 'logistics', adapter: 'contract' },
      { name: 'easypost', step: 'logistics', adapter: 'easypost' },
      { name: 'warehouse', step: 'wms', adapter: 'contract' },
    ],
  })
  for (const name of ['carrier', 'logistics'])
    expect(await ask('GET', `/vendors/${name}`)).toEqual({ status: 200, body: { down: true } })
  for (const name of ['easypost', 'warehouse', 'wms'])
    expect(await ask('GET', `/vendors/${name}`)).toEqual({ status: 200, body: { down: false } })
  expect(await ask('GET', '/vendors/nobody')).toMatchObject({ status: 404 })
})

test('a vendor that is replaced by one of your own is not listed, because it has no simulator', async () => {
  const ask = apiOf({ vendors: { warehouse: {} } })

  expect((await ask('GET', '/vendors')).body).toEqual({
    vendors: [{ name: 'warehouse', step: 'wms', adapter: 'contract' }],
  })
})
