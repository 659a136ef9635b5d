import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)

/** The shop of examples/, in a folder of its own, with the packed package, and this repository's other packages. */
export async function installShop() {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  const modules = join(folder, 'node_modules')
  const PATH = `${join(modules, '.bin')}:${process.env.PATH}`
  const command = (file: string, args: readonly string[], cwd = folder) =>
    run(file, args, { cwd, env: { ...process.env, NODE_OPTIONS: '', PATH }, maxBuffer: 2 ** 26 })

  await cp(join(root, 'examples', 'shop'), folder, { recursive: true })
  await mkdir(join(modules, 'create-order'), { recursive: true })
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== 'create-order') await symlink(join(root, 'node_modules', name), join(modules, name))
  await command(process.execPath, ['scripts/package.ts'], root)
  const { stdout } = await command('npm', ['pack', './build', '--pack-destination', folder, '--json'], root)
  const [{ filename, size }] = JSON.parse(stdout)
  await command('tar', ['xzf', filename, '-C', join(modules, 'create-order'), '--strip-components=1'])
  return { folder, size: Number(size), command, remove: () => rm(folder, { recursive: true }) }
}
