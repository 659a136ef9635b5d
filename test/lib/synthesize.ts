import { apps, assemblies, assemblyFolder, synthesize } from './synth.ts'

/** Jest's global setup: writes every template once, for all tests to read. */
export default async function synthesizeAll(): Promise<void> {
  // CDK's own validation takes longer than the rest; one test runs it.
  const environment = { CDK_VALIDATION: 'false' }
  await Promise.all(
    Object.entries(assemblies).map(([name, context]) =>
      synthesize(context, assemblyFolder(name), environment, apps[name]),
    ),
  )
}
