import { describe, expect, test } from '@jest/globals'
import { breakingChanges } from '../../scripts/contract/breaking-changes.ts'

const published = {
  type: 'object',
  properties: {
    orderId: { type: 'string', pattern: '^ord_' },
    status: { type: 'string', enum: ['CREATED', 'CANCELLED'] },
    schemaVersion: { type: 'number', const: 1 },
    awb: { type: 'string', description: 'AWB' },
    lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } } } },
  },
  required: ['orderId', 'status'],
}
const { properties } = published
const withField = (name: string, schema: object) => ({
  ...published,
  properties: { ...properties, [name]: schema },
})
const { awb, ...withoutAwb } = properties

describe('listeners are not broken by', () => {
  test.each([
    ['no change', published],
    ['a new field', withField('carrier', { type: 'string' })],
    ['a field that is now always present', { ...published, required: ['orderId', 'status', 'awb'] }],
    ['a new value', withField('status', { type: 'string', enum: ['CREATED', 'CANCELLED', 'LOST'] })],
    ['another description', withField('awb', { type: 'string', description: 'Air waybill' })],
  ])('%s', (_name, next) => {
    expect(breakingChanges(published, next)).toEqual([])
  })
})

describe('listeners are broken by', () => {
  test.each([
    ['a removed field', { ...published, properties: withoutAwb }, 'awb is gone.'],
    [
      'a field that may be missing',
      { ...published, required: ['orderId'] },
      'The event always had the field status, which may be missing now.',
    ],
    [
      'another type',
      withField('awb', { type: 'integer' }),
      'awb had the type "string" and has "integer" now.',
    ],
    [
      'a type in a list',
      withField('lines', { type: 'array', items: { type: 'object', properties: { sku: {} } } }),
      'lines[].sku had the type "string" and has nothing now.',
    ],
    [
      'a removed value',
      withField('status', { type: 'string', enum: ['CREATED'] }),
      'status can no longer be "CANCELLED".',
    ],
    [
      'another constant',
      withField('schemaVersion', { type: 'number', const: 2 }),
      'schemaVersion can no longer be 1.',
    ],
    [
      'a new list of allowed values',
      withField('awb', { type: 'string', enum: ['A'] }),
      'awb could have any value and can only be "A" now.',
    ],
    [
      'a removed list of allowed values',
      withField('status', { type: 'string' }),
      'status had a list of values and may have any now.',
    ],
    [
      'another pattern',
      withField('orderId', { type: 'string', pattern: '^o-' }),
      'orderId had the pattern "^ord_" and has "^o-" now.',
    ],
  ])('%s, which is named in a sentence', (_name, next, sentence) => {
    expect(breakingChanges(published, next)).toEqual([sentence])
  })
})
