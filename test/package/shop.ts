import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const maxBuffer = 2 ** 26

/** Builds and packs this repository's package, and copies the shop of examples/ beside the tarball. */
export async function copyShop() {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  const PATH = `${join(folder, 'node_modules', '.bin')}:${process.env.PATH}`
  /** Runs a command in the shop's folder, and answers what it prints. */
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
type Shop = Awaited<ReturnType<typeof copyShop>>

/** As its README says; without a registry the packages are those of this repository, but for the packed one. */
async function install({ folder, filename, command }: Shop): Promise<void> {
  const isOnline = await command('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=5000']).then(
    () => true,
    () => false,
  )
  if (isOnline) return void (await command('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund']))
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, 'create-order'), { recursive: true })
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== 'create-order') await symlink(join(root, 'node_modules', name), join(modules, name))
  await command('tar', ['xzf', filename, '-C', join(modules, 'create-order'), '--strip-components=1'])
}

/** The shop of examples/, in a folder of its own, with the packed package. */
export async function installShop(): Promise<Shop> {
  const shop = await copyShop()
  await install(shop)
  return shop
}
