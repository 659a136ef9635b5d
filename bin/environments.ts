import type { Values } from '../lib/config-schema.ts'
import { defaults, vendorDefaults } from '../lib/defaults.ts'
import { mapValues } from '../lib/names.ts'
import { settingsOf } from '../lib/settings.ts'
import { adapters } from '../vendors/adapters.ts'
import { easyPostTestAccount } from '../vendors/easypost/options.ts'

const base: Values = {
  ...defaults,
  vendors: {
    carrier: {
      ...vendorDefaults,
      step: 'logistics',
      url: 'https://sandbox.carrier.example/v1',
      honoursIdempotencyKey: false,
      ratePerSecond: 50,
      concurrency: 4,
    },
    warehouse: {
      ...vendorDefaults,
      step: 'wms',
      url: 'https://sandbox.warehouse.example/v1',
      honoursIdempotencyKey: true,
      ratePerSecond: 50,
      concurrency: 4,
    },
  },
  routes: {
    logistics: [{ vendor: 'carrier' }],
    wms: [{ vendor: 'warehouse' }],
  },
}

/** Vendors whose simulators are deployed in dev. */
const simulated = ['carrier', 'warehouse']

/** dev simulates its carrier and warehouse. Its second carrier, for express orders, is EasyPost's test API. */
const dev: Values = {
  ...base,
  vendors: {
    ...mapValues(base.vendors, (each, name) =>
      simulated.includes(name) ? { ...each, url: 'simulator' } : each,
    ),
    easypost: { ...vendorDefaults, ...easyPostTestAccount, step: 'logistics' },
  },
  routes: {
    ...base.routes,
    logistics: [{ when: { services: ['express'] }, vendor: 'easypost' }, ...base.routes.logistics],
  },
}

const staging: Values = {
  ...base,
  logLevel: 'INFO',
  logRetentionDays: 30,
  eventArchiveDays: 30,
  throttle: { ratePerSecond: 200, burst: 400 },
  vendors: mapValues(base.vendors, (each) => ({ ...each, ratePerSecond: 20 })),
}

const prod: Values = {
  ...staging,
  retainData: true,
  logRetentionDays: 90,
  orderRetentionDays: 730,
  eventArchiveDays: 90,
  throttle: { ratePerSecond: 1000, burst: 2000 },
  provisionedConcurrency: 2,
  gradualRelease: true,
  alarms: { ...staging.alarms, vendorDownMinutes: 5 },
  vendors: mapValues(staging.vendors, (each) => ({ ...each, url: each.url.replace('sandbox', 'api') })),
}

/** This application's environments. */
export const loadSettings = settingsOf({ dev, staging, prod }, adapters)
