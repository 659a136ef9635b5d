import { testMany } from './many-dead-letters.ts'

testMany(2000)
