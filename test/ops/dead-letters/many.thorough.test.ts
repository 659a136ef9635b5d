import { testMany } from './many-dead-letters.ts'

testMany(100_000)
