import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const maxBuffer = 2 ** 26

/** Builds and packs the package, and copies the shop of examples/ beside the tarball. */
export async function copyShop() {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  const PATH = `${join(folder, 'node_modules', '.bin')}:${process.env.PATH}`
  /** Runs a command in the shop's folder, and returns its output. */
  const command = async (file: string, args: readonly string[], cwd = folder): Promise<string> => {
    const { NODE_OPTIONS, ...env } = process.env
    return (await run(file, args, { cwd, env: { ...env, PATH }, maxBuffer })).stdout
  }
  await cp(join(root, 'examples', 'shop'), folder, { recursive: true })
  await command(process.execPath, ['scripts/package.ts'], root)
  const [{ filename }] = JSON.parse(
    await command('npm', ['pack', './build', '--pack-destination', folder, '--json'], root),
  )
  await command('npm', ['pkg', 'set', `dependencies.create-order=file:${filename}`])
  const orderctl = join(folder, 'node_modules', 'create-order', 'ops', 'orderctl.js')
  return { folder, filename, orderctl, command, remove: () => rm(folder, { recursive: true }) }
}

/**
 * The shop of examples/ in a folder of its own, with the packed package. The other packages are this repository's, so
 * that no registry is needed; `npm run try-package` installs all of them.
 */
export async function installShop() {
  const shop = await copyShop()
  const modules = join(shop.folder, 'node_modules')
  const packed = join(modules, 'create-order')
  await mkdir(packed, { recursive: true })
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== 'create-order') await symlink(join(root, 'node_modules', name), join(modules, name))
  await shop.command('tar', ['xzf', shop.filename, '-C', packed, '--strip-components=1'])
  return shop
}
