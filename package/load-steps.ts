import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** Loads the steps of the application in the working directory, if any. Call it before anything reads the chain. */
export async function loadSteps(): Promise<void> {
  if (existsSync('lib/steps.ts')) await import(pathToFileURL('lib/steps.ts').href)
}
